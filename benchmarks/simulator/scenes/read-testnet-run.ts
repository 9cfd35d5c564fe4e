import { readFileSync } from 'node:fs'
import type { TestnetOptions } from '../../testnet/testnet-options.ts'

/** A run of the testnet: its options, and the file of its results */
export interface TestnetRun extends TestnetOptions {
  file: string
}

/**
 * Read the options of a run of the testnet from the file of its results
 *
 * @throws {Error} The message says what is wrong with the file
 */
export function readTestnetRun (path: string): TestnetRun {
  const results = readResults(path)

  if (results?.benchmark !== 'testnet' || typeof results.parameters !== 'object') {
    throw new Error(`must be a file that the testnet's --json wrote, got "${path}"`)
  }

  return { ...results.parameters, seed: results.seed, file: path }
}

/** The results in the file, or undefined when it is not JSON */
function readResults (path: string): { benchmark: unknown, parameters: TestnetOptions, seed: number } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (err) {
    if (err instanceof SyntaxError) {
      return undefined
    }

    throw new Error(`must be a file that can be read, got "${path}": ${err.code}`)
  }
}
