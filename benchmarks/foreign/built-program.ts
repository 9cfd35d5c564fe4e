import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The programs of other implementations */
export type ForeignProgram = 'go-peers' | 'rust-peers' | 'kubo' | 'deno' | 'bun'

/** Where `npm run interop:build` puts what it builds */
export const BUILD_DIRECTORY = fileURLToPath(new URL('../../test/interop/.build/', import.meta.url))

/**
 * @returns The path of a program that has been built, or undefined
 */
export function builtProgram (name: ForeignProgram): string | undefined {
  const path = `${BUILD_DIRECTORY}${name}`

  return existsSync(path) ? path : undefined
}

/**
 * Why a test or an arm that needs a program can't run
 */
export function notBuilt (name: ForeignProgram): string {
  return `${name} is not built: npm run interop:build`
}

/**
 * @returns The path of a program
 * @throws {Error} It is not built
 */
export function requireProgram (name: ForeignProgram): string {
  const path = builtProgram(name)

  if (path === undefined) {
    throw new Error(notBuilt(name))
  }

  return path
}
