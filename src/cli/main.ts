#!/usr/bin/env node

import { PublishStoreError } from '../persistence/published/publish-store-error.ts'
import { ScoreStoreError } from '../persistence/score-store-error.ts'
import { CommandError } from './command-error.ts'
import { UsageError } from './usage-error.ts'

const HELP = `Usage: libp2p-scored-routing <command> [options]

Commands:
  inspect   prints what a score store on disk knows
  provide   tells the DHT of all that a content server has, from a list of CIDs
  provides  prints how far that has come

libp2p-scored-routing <command> --help tells the options of each.
`

// the reader of a pipe may leave early, as head does
process.stdout.on('error', err => {
  if (!('code' in err) || err.code !== 'EPIPE') {
    throw err
  }
})

process.exitCode = await main(process.argv.slice(2))

async function main ([command, ...args]: string[]): Promise<number> {
  try {
    return await run(command, args)
  } catch (err) {
    if (err instanceof UsageError) {
      process.stderr.write(`${err.message} (see libp2p-scored-routing --help)\n`)
      return 2
    }

    if (err instanceof ScoreStoreError || err instanceof PublishStoreError || err instanceof CommandError) {
      process.stderr.write(`${err.message}\n`)
      return err instanceof CommandError ? err.exitCode : 1
    }

    throw err
  }
}

/** Each command is loaded when it is run: one needs all of the library, and another a tenth of it */
async function run (command: string | undefined, args: string[]): Promise<number> {
  switch (command) {
    case 'inspect': {
      const { inspect } = await import('./inspect.ts')
      await inspect(args, Date.now())
      return 0
    }
    case 'provide': {
      const { provide } = await import('./provide/provide.ts')
      return provide(args)
    }
    case 'provides': {
      const { provides } = await import('./provides.ts')
      await provides(args)
      return 0
    }
    case '--help':
    case '-h':
      process.stdout.write(HELP)
      return 0
    case undefined:
      throw new UsageError('a command is missing')
    default:
      throw new UsageError(`there is no command "${command}", only inspect, provide and provides`)
  }
}
