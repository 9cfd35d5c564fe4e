#!/usr/bin/env node

import { ScoreStoreError } from '../persistence/score-store-error.ts'
import { INSPECT_HELP, inspect } from './inspect.ts'
import { UsageError } from './usage-error.ts'

// the reader of a pipe may leave early, as head does
process.stdout.on('error', err => {
  if (!('code' in err) || err.code !== 'EPIPE') {
    throw err
  }
})

process.exitCode = await main(process.argv.slice(2))

async function main ([command, ...args]: string[]): Promise<number> {
  try {
    switch (command) {
      case 'inspect':
        await inspect(args, Date.now())
        return 0
      case '--help':
      case '-h':
        process.stdout.write(INSPECT_HELP)
        return 0
      case undefined:
        throw new UsageError('a command is missing')
      default:
        throw new UsageError(`there is no command "${command}", only inspect`)
    }
  } catch (err) {
    if (err instanceof UsageError) {
      process.stderr.write(`${err.message} (see libp2p-scored-routing --help)\n`)
      return 2
    }

    if (err instanceof ScoreStoreError) {
      process.stderr.write(`${err.message}\n`)
      return 1
    }

    throw err
  }
}
