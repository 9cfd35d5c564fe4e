import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buildResults } from '../report/build-results.ts'
import { formatHtmlReport } from '../report/html-report.ts'
import { formatTable } from '../report/table.ts'
import { helpText } from './help-text.ts'
import { parseOptions } from './parse-options.ts'
import { ProgressBar } from './progress-bar.ts'
import { UsageError } from './usage-error.ts'
import type { Benchmark } from './benchmark.ts'
import type { CommonOptions } from './parse-options.ts'
import type { Sample, ScoreSnapshot } from '../report/results.ts'

/** Exit codes by which a shell learns that a signal ended a command */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Carry a benchmark out as its command line says, and print and write what came
 * of it. When it is interrupted or fails, that is what came of it until then.
 *
 * @returns The exit code
 * @throws {UsageError} The command line was not understood
 */
export async function runBenchmark<Options extends { seed: number, timeoutMs: number }> (benchmark: Benchmark<Options>, args: readonly string[], otherCommands: ReadonlyMap<string, string>): Promise<number> {
  const { options, common } = parseOptions(benchmark.options, args)

  if (common.help) {
    process.stdout.write(helpText(benchmark, otherCommands))
    return 0
  }

  await checkWritable(common)

  const samples: Sample[] = []
  const snapshots: ScoreSnapshot[] = []
  const traces = new Map<string, readonly string[]>()
  const notes = benchmark.notes(options)
  const exitCode = await carryOut(benchmark, options, { samples, snapshots, traces })

  if (exitCode !== 0) {
    notes.push('The run did not reach its end: these are the operations carried out until then.')
  }

  if (exitCode === 0 || samples.length > 0) {
    const { seed, ...others } = options
    const parameters = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined))
    const results = await buildResults({ benchmark: benchmark.name, seed, parameters, notes }, samples)
    const table = [...[...traces].map(([title, lines]) => [title, ...lines, '', ''].join('\n')), formatTable(results)].join('')

    if (common.json === '-') {
      process.stderr.write(table)
      process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`)
    } else {
      process.stdout.write(table)
    }

    if (common.json != null && common.json !== '-') {
      await writeFile(common.json, `${JSON.stringify(results, undefined, 2)}\n`)
    }

    if (common.report != null) {
      const command = ['npm run benchmark --', benchmark.name, ...args.map(quoteArgument)].join(' ')

      await writeFile(common.report, await formatHtmlReport({ results, samples, snapshots, command, date: new Date(), timeoutMs: options.timeoutMs }))
    }
  }

  return exitCode
}

/** What a run brings to light */
interface Findings {
  samples: Sample[]
  snapshots: ScoreSnapshot[]
  /** By title; a later one of the same title replaces the one before */
  traces: Map<string, readonly string[]>
}

async function carryOut<Options extends { seed: number, timeoutMs: number }> (benchmark: Benchmark<Options>, options: Options, { samples, snapshots, traces }: Findings): Promise<number> {
  const controller = new AbortController()
  const progress = new ProgressBar()
  let exitCode = 0

  const interrupt = (signal: keyof typeof EXIT_CODES): void => {
    // the second time the user does not want to wait
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
    await benchmark.run(options, {
      onSample: sample => { samples.push(sample) },
      onScores: snapshot => { snapshots.push(snapshot) },
      onTrace: (title, lines) => { traces.set(title, lines) },
      onProgress: (done, total, label) => { progress.update(done, total, label) },
      signal: controller.signal
    })
    progress.stop()
  } catch (err) {
    progress.stop()

    // what an abort rejects with says nothing new
    if (exitCode === 0) {
      exitCode = 1
      process.stderr.write(`${benchmark.name} failed: ${firstLine(err)}\n`)
    }
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }

  return exitCode
}

async function checkWritable ({ json, report }: CommonOptions): Promise<void> {
  for (const [option, path] of Object.entries({ json: json === '-' ? undefined : json, report })) {
    if (path == null) {
      continue
    }

    try {
      await access(dirname(path), constants.W_OK)
    } catch (err) {
      throw new UsageError(`--${option}: can't write ${path}: ${err.code}`)
    }
  }
}

function firstLine (err: unknown): string {
  return String(err instanceof Error ? err.message : err).split('\n')[0] ?? ''
}

function quoteArgument (text: string): string {
  return /^[\w./:,=@%+-]+$/.test(text) ? text : `'${text.replaceAll('\'', '\'\\\'\'')}'`
}
