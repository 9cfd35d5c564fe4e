import { runBenchmark } from './command-line/run-benchmark.ts'
import { UsageError } from './command-line/usage-error.ts'
import { PUBLIC_BENCHMARK } from './public/public-benchmark.ts'
import { TESTNET_BENCHMARK } from './testnet/testnet-benchmark.ts'

type Command = { summary: string, run (args: string[]): Promise<number> }

const COMMANDS = new Map<string, Command>([
  [TESTNET_BENCHMARK.name, {
    summary: TESTNET_BENCHMARK.summary,
    run: args => runBenchmark(TESTNET_BENCHMARK, args, summariesBut(TESTNET_BENCHMARK.name))
  }],
  [PUBLIC_BENCHMARK.name, {
    summary: PUBLIC_BENCHMARK.summary,
    run: args => runBenchmark(PUBLIC_BENCHMARK, args, summariesBut(PUBLIC_BENCHMARK.name))
  }]
])

process.exitCode = await main(process.argv.slice(2))

async function main (args: string[]): Promise<number> {
  const named = args[0] != null && !args[0].startsWith('-')
  const name = named ? args[0] : TESTNET_BENCHMARK.name

  try {
    const command = COMMANDS.get(name ?? '')

    if (command == null) {
      throw new UsageError(`there is no benchmark "${name}", only ${[...COMMANDS.keys()].join(', ')}`)
    }

    return await command.run(named ? args.slice(1) : args)
  } catch (err) {
    if (!(err instanceof UsageError)) {
      throw err
    }

    process.stderr.write(`${err.message} (see npm run benchmark -- --help)\n`)

    return 2
  }
}

function summariesBut (excluded: string): Map<string, string> {
  return new Map([...COMMANDS].filter(([name]) => name !== excluded).map(([name, { summary }]) => [name, summary]))
}
