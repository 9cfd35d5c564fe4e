import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { helpText } from './help-text.ts'
import { parseOptions } from './parse-options.ts'
import { ProgressBar } from './progress-bar.ts'
import { firstLine } from './first-line.ts'
import { UsageError } from './usage-error.ts'
import type { Benchmark, BenchmarkRun } from './benchmark.ts'
import type { CommonOptions } from './parse-options.ts'

/** Exit codes that tell a shell which signal ended a command */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Carry a benchmark out as its command line says, then print and write its results. After
 * an interruption or a failure, these are the results so far.
 *
 * @returns The exit code
 * @throws {UsageError} The command line was not understood
 */
export async function runBenchmark (benchmark: Benchmark, args: readonly string[], summaries: ReadonlyMap<string, string>): Promise<number> {
  const { options, given, common } = parseOptions<{ seed: number }>(benchmark.options, args)

  if (common.help) {
    process.stdout.write(helpText(benchmark, summaries))
    return 0
  }

  if (common.report !== undefined && !benchmark.hasReport) {
    throw new UsageError(`--report: ${benchmark.name} writes no HTML report`)
  }

  await checkWritable(common)

  const run = benchmark.start(options, given)
  const exitCode = await carryOut(benchmark.name, run)
  const conclusion = await run.conclude(exitCode === 0)

  if (conclusion === undefined) {
    return exitCode
  }

  const json = `${JSON.stringify(conclusion.json, undefined, 2)}\n`

  if (common.json === '-') {
    process.stderr.write(conclusion.text)
    process.stdout.write(json)
  } else {
    process.stdout.write(conclusion.text)
  }

  if (common.json !== undefined && common.json !== '-') {
    await writeFile(common.json, json)
  }

  if (common.report !== undefined && conclusion.html !== undefined) {
    const command = ['npm run benchmark --', benchmark.name, ...args.map(quoteArgument)].join(' ')

    await writeFile(common.report, await conclusion.html(command))
  }

  return exitCode === 0 && conclusion.failed ? 1 : exitCode
}

async function carryOut (name: string, run: BenchmarkRun): Promise<number> {
  const controller = new AbortController()
  const progress = new ProgressBar()
  let exitCode = 0

  const interrupt = (signal: keyof typeof EXIT_CODES): void => {
    // the user has interrupted a second time, and does not want to wait
    if (controller.signal.aborted) {
      process.exit(EXIT_CODES[signal])
    }

    exitCode = EXIT_CODES[signal]
    controller.abort(new Error('interrupted'))
  }

  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  progress.start()

  try {
    await run.carryOut({
      onProgress: (done, total, label) => { progress.update(done, total, label) },
      signal: controller.signal
    })
    progress.stop()
  } catch (err) {
    progress.stop()

    // after an abort, the error says nothing new
    if (exitCode === 0) {
      exitCode = 1
      process.stderr.write(`${name} failed: ${firstLine(err)}\n`)
    }
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }

  return exitCode
}

async function checkWritable ({ json, report }: CommonOptions): Promise<void> {
  for (const [option, path] of Object.entries({ json: json === '-' ? undefined : json, report })) {
    if (path === undefined) {
      continue
    }

    try {
      await access(dirname(path), constants.W_OK)
    } catch (err) {
      throw new UsageError(`--${option}: can't write ${path}: ${err.code}`)
    }
  }
}

function quoteArgument (text: string): string {
  return /^[\w./:,=@%+-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`
}
