import { Bench } from 'tinybench'

/** A sample has as many repetitions as take about this long, ms. It is far above the resolution of a clock. */
const SAMPLE_MS = 1

/**
 * Measure the time of something that is too short for a clock
 *
 * @param timeMs - How long it is repeated
 * @returns The mean time of one repetition in each sample, ms
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

/** Found by doubling. This also gives the compiler time to optimise the code before it is measured. */
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
