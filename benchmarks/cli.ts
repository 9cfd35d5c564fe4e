import { runBenchmark } from './command-line/run-benchmark.ts'
import { UsageError } from './command-line/usage-error.ts'
import type { Benchmark } from './command-line/benchmark.ts'

interface Command {
  name: string
  /** One sentence for the help */
  summary: string
  /** Load this benchmark only. Loading all of them would make the start a third slower. */
  load: () => Promise<Benchmark>
}

/** The commands. The first one is the default of `npm run benchmark`. */
const COMMANDS: readonly Command[] = [
  {
    name: 'testnet',
    summary: 'Compares the arms on a network of real libp2p nodes on this machine, with long links and dead peers.',
    load: async () => (await import('./testnet/testnet-benchmark.ts')).TESTNET_BENCHMARK
  },
  {
    name: 'simulate',
    summary: 'Compares the arms in a model of the network, up to millions of nodes; our arms run the code that ships.',
    load: async () => (await import('./simulator/simulate-benchmark.ts')).SIMULATE_BENCHMARK
  },
  {
    name: 'public',
    summary: 'Compares clients on the public Amino DHT, or on any DHT named by --bootstrap and --protocol.',
    load: async () => (await import('./public/public-benchmark.ts')).PUBLIC_BENCHMARK
  },
  {
    name: 'micro',
    summary: 'Takes the time of what a node computes for each lookup and answer, beside kad-dht where it can.',
    load: async () => (await import('./micro/micro-benchmark.ts')).MICRO_BENCHMARK
  },
  {
    name: 'soak',
    summary: 'Lets a scored node look up keys for long while peers come and go: memory, handles and warnings.',
    load: async () => (await import('./soak/soak-benchmark.ts')).SOAK_BENCHMARK
  }
]

process.exitCode = await main(process.argv.slice(2))

async function main (args: string[]): Promise<number> {
  const named = args[0] !== undefined && !args[0].startsWith('-')
  const name = named ? args[0] : COMMANDS[0].name

  try {
    const command = COMMANDS.find(command => command.name === name)

    if (command === undefined) {
      throw new UsageError(`there is no benchmark "${name}", only ${COMMANDS.map(({ name }) => name).join(', ')}`)
    }

    return await runBenchmark(await command.load(), named ? args.slice(1) : args, new Map(COMMANDS.map(({ name, summary }) => [name, summary])))
  } catch (err) {
    if (!(err instanceof UsageError)) {
      throw err
    }

    process.stderr.write(`${err.message} (see npm run benchmark -- --help)\n`)

    return 2
  }
}
