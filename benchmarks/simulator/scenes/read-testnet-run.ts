import { readFileSync } from 'node:fs'
import type { TestnetOptions } from '../../testnet/testnet-options.ts'

/** A run of the testnet: its options, and the file of its results */
export interface TestnetRun extends TestnetOptions {
  file: string
}

/**
 * The options of a run of the testnet, from the results that it wrote
 *
 * @throws {Error} Says what is wrong with the file
 */
export function readTestnetRun (path: string): TestnetRun {
  const results = JSON.parse(readFileSync(path, 'utf8'))

  if (results.benchmark !== 'testnet' || typeof results.parameters !== 'object') {
    throw new Error(`must be a file that the testnet's --json wrote, ${path} is not`)
  }

  return { ...results.parameters, seed: results.seed, file: path }
}
