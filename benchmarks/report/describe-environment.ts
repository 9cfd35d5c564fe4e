import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import type { Results } from './results.ts'

/** The packages whose behaviour is compared, besides our own */
const COMPARED = ['libp2p', '@libp2p/kad-dht']

const BYTES_PER_GIB = 2 ** 30

/**
 * The versions of the packages that are compared, and the machine that this process runs
 * on
 *
 * @throws {Error} A package is not installed
 */
export async function describeEnvironment (): Promise<Pick<Results, 'versions' | 'machine'>> {
  const ours = await readManifest(findPackageJSON('..', import.meta.url))
  const versions: Record<string, string> = { [ours.name]: ours.version }

  for (const name of COMPARED) {
    versions[name] = (await readManifest(findPackageJSON(name, import.meta.url))).version
  }

  return {
    versions: { ...versions, node: process.versions.node },
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / BYTES_PER_GIB),
      platform: `${platform()} ${release()} ${arch()}`
    }
  }
}

async function readManifest (path: string | undefined): Promise<{ name: string, version: string }> {
  if (path === undefined) {
    throw new Error('a package.json of the compared packages was not found')
  }

  return JSON.parse(await readFile(path, 'utf8'))
}
