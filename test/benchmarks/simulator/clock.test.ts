import { expect, test } from 'vitest'
import { Clock } from '../../../benchmarks/simulator/clock.ts'
import { HashedRandom } from '../../../benchmarks/simulator/world/hashed-random.ts'

test('has things happen in the order of their times, and at the same time in the order in which they were scheduled', () => {
  const clock = new Clock()
  const happened: string[] = []
  const note = (name: string) => () => { happened.push(`${name} at ${clock.now}`) }

  clock.schedule(20, note('late'))
  clock.schedule(10, note('first'))
  clock.schedule(10, note('second'))
  clock.schedule(10, () => { clock.schedule(0, note('at once')) })
  clock.schedule(10, note('third'))

  runOut(clock)

  expect(happened).toEqual(['first at 10', 'second at 10', 'third at 10', 'at once at 10', 'late at 20'])
})

test('stops at a time, with what is due then done, and what is due later to be done', () => {
  const clock = new Clock()
  const happened: string[] = []

  for (const atMs of [5, 10, 15]) {
    clock.schedule(atMs, () => { happened.push(`${atMs} at ${clock.now}`) })
  }

  clock.schedule(7, () => {})()
  runOut(clock, 10)

  expect(happened).toEqual(['5 at 5', '10 at 10'])

  runOut(clock, 12)
  expect(clock.now).toBe(12)

  clock.schedule(0, () => { happened.push(`more at ${clock.now}`) })
  clock.scheduleAt(15, () => { happened.push(`last at ${clock.now}`) })
  runOut(clock, 15)

  expect(happened).toEqual(['5 at 5', '10 at 10', 'more at 12', '15 at 15', 'last at 15'])
})

test('does not do what was cancelled', () => {
  const clock = new Clock()
  const happened: number[] = []

  clock.schedule(1, () => { happened.push(1) })()
  clock.schedule(2, () => { happened.push(2) })

  runOut(clock)

  expect(happened).toEqual([2])
})

test('keeps the order of many things of which most are cancelled', () => {
  const clock = new Clock()
  const random = new HashedRandom(1, 'clock')
  const happened: Array<{ atMs: number, index: number }> = []
  const expected: Array<{ atMs: number, index: number }> = []

  for (let index = 0; index < 20_000; index++) {
    // many at the same time
    const atMs = random.word(index) % 1000
    const cancel = clock.schedule(atMs, () => { happened.push({ atMs: clock.now, index }) })

    if (random.uniform(index, 1) < 0.7) {
      cancel()
    } else {
      expected.push({ atMs, index })
    }
  }

  runOut(clock)

  expect(happened).toEqual(expected.sort((a, b) => a.atMs - b.atMs || a.index - b.index))
})

function runOut (clock: Clock, untilMs?: number): void {
  while (clock.step(untilMs)) {
    // the next thing happens
  }
}
