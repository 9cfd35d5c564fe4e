import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, test } from 'vitest'
import { ratioOfMedians } from '../../../benchmarks/report/ratio-of-medians.ts'

test('divides the median of the baseline by that of the arm', () => {
  expect(ratioOfMedians([10, 20, 600], [5, 6, 7, 8], { paired: false, seed: 1 }).ratio).toBeCloseTo(20 / 6.5)
})

test('finds exactly the factor between pairs that differ by nothing else', () => {
  const arm = [1, 20, 300, 4000, 50_000]
  const { ratio, ci95 } = ratioOfMedians(arm.map(timeMs => timeMs * 3), arm, { paired: true, seed: 1 })

  expect(ratio).toBeCloseTo(3)
  expect(ci95[0]).toBeCloseTo(3)
  expect(ci95[1]).toBeCloseTo(3)
})

test('is less certain of the same times when they are not pairs', () => {
  const arm = [1, 20, 300, 4000, 50_000]
  const { ci95 } = ratioOfMedians(arm.map(timeMs => timeMs * 3), arm, { paired: false, seed: 1 })

  expect(ci95[0]).toBeLessThan(1)
  expect(ci95[1]).toBeGreaterThan(9)
})

test('contains the true ratio in about 95 of 100 experiments', () => {
  const random = xoroshiro128plus(7)
  const lognormal = (median: number) => median * Math.exp(0.5 * Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random)))
  let contained = 0

  for (let seed = 0; seed < 100; seed++) {
    const hardness = Array.from({ length: 25 }, () => lognormal(1))
    const { ci95: [low, high] } = ratioOfMedians(
      hardness.map(factor => factor * lognormal(400)),
      hardness.map(factor => factor * lognormal(100)),
      { paired: true, seed }
    )

    contained += low <= 4 && high >= 4 ? 1 : 0
  }

  expect(contained).toBeGreaterThanOrEqual(90)
  expect(contained).toBeLessThanOrEqual(99)
})

test('gives the same interval for the same seed and another for another', () => {
  const baseline = [900, 350, 620, 481, 777, 512]
  const arm = [120, 340, 99, 205, 310, 150]
  const interval = (seed: number) => ratioOfMedians(baseline, arm, { paired: false, seed }).ci95

  expect(interval(5)).toEqual(interval(5))
  expect(interval(5)).not.toEqual(interval(6))
})

test('refuses nothing to compare and pairs that do not pair', () => {
  expect(() => ratioOfMedians([], [1], { paired: false, seed: 1 })).toThrow(RangeError)
  expect(() => ratioOfMedians([1, 2], [1], { paired: true, seed: 1 })).toThrow('2 and 1')
})
