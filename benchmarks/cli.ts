import { runBenchmark } from './command-line/run-benchmark.ts'
import { UsageError } from './command-line/usage-error.ts'
import { MICRO_BENCHMARK } from './micro/micro-benchmark.ts'
import { PUBLIC_BENCHMARK } from './public/public-benchmark.ts'
import { SIMULATE_BENCHMARK } from './simulator/simulate-benchmark.ts'
import { SOAK_BENCHMARK } from './soak/soak-benchmark.ts'
import { TESTNET_BENCHMARK } from './testnet/testnet-benchmark.ts'
import type { Benchmark } from './command-line/benchmark.ts'

const BENCHMARKS: Benchmark[] = [TESTNET_BENCHMARK, SIMULATE_BENCHMARK, PUBLIC_BENCHMARK, MICRO_BENCHMARK, SOAK_BENCHMARK]

process.exitCode = await main(process.argv.slice(2))

async function main (args: string[]): Promise<number> {
  const named = args[0] != null && !args[0].startsWith('-')
  const name = named ? args[0] : TESTNET_BENCHMARK.name

  try {
    const benchmark = BENCHMARKS.find(benchmark => benchmark.name === name)

    if (benchmark == null) {
      throw new UsageError(`there is no benchmark "${name}", only ${BENCHMARKS.map(({ name }) => name).join(', ')}`)
    }

    return await runBenchmark(benchmark, named ? args.slice(1) : args, summariesBut(benchmark))
  } catch (err) {
    if (!(err instanceof UsageError)) {
      throw err
    }

    process.stderr.write(`${err.message} (see npm run benchmark -- --help)\n`)

    return 2
  }
}

function summariesBut (excluded: Benchmark): Map<string, string> {
  return new Map(BENCHMARKS.filter(benchmark => benchmark !== excluded).map(({ name, summary }) => [name, summary]))
}
