import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'
import type { ParseArgsOptionsConfig } from 'node:util'

/**
 * Node's own parser suffices: for a few options, every user of the library would get a command-line package
 *
 * @throws {UsageError} An option is unknown, or has no value where it needs one
 */
export function parseArguments<const T extends ParseArgsOptionsConfig> (args: string[], options: T): ReturnType<typeof parseArgs<{ args: string[], allowPositionals: true, options: T }>> {
  try {
    return parseArgs<{ args: string[], allowPositionals: true, options: T }>({ args, allowPositionals: true, options })
  } catch (err) {
    const isUnknown = err.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
    const known = Object.keys(options).map(name => `--${name}`).join(', ')

    // Node goes on about positional arguments that look like options
    throw new UsageError(err.message.split(/\. |\n/)[0].replace(/\.$/, '') + (isUnknown ? `, only ${known}` : ''), { cause: err })
  }
}
