import { Bench } from 'tinybench'

/** A sample is as many repetitions as take about this long: far above what a clock resolves, ms */
const SAMPLE_MS = 1

/**
 * Take the time of something that takes less than a clock can tell
 *
 * @param timeMs - For how long it is repeated
 * @returns The mean time of one repetition, ms, of each sample
 */
export async function measure (run: () => unknown, timeMs: number): Promise<number[]> {
  const repetitions = repetitionsPerSample(run)
  const bench = new Bench({ time: timeMs, warmupTime: timeMs / 4, iterations: 1, retainSamples: true, throws: true })
  const task = bench.add('run', () => { repeat(run, repetitions) }).tasks[0]

  await bench.run()

  if (!('latency' in task.result)) {
    throw new Error('nothing was measured')
  }

  return (task.result.latency.samples ?? []).map(sampleMs => sampleMs / repetitions)
}

/** Found by doubling, which also lets the compiler see the code before it is measured */
function repetitionsPerSample (run: () => unknown): number {
  for (let repetitions = 1; ; repetitions *= 2) {
    const from = performance.now()

    repeat(run, repetitions)

    if (performance.now() - from >= SAMPLE_MS) {
      return repetitions
    }
  }
}

function repeat (run: () => unknown, repetitions: number): void {
  for (let i = 0; i < repetitions; i++) {
    run()
  }
}
