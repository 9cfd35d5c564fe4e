import { expect, test } from 'vitest'
import { linkRtt } from '../../../../benchmarks/testnet/links/link-rtt.ts'

const options = { seed: 1, rttMs: 100, sigma: 0.5 }
const rtts = Array.from({ length: 2000 }, (_, i) => linkRtt(`peer ${i}`, options)).sort((a, b) => a - b)

test('has the median it is given', () => {
  expect(rtts[1000]).toBeGreaterThan(95)
  expect(rtts[1000]).toBeLessThan(105)
})

test('is spread as a log-normal distribution of that sigma: the 84th percentile is e^sigma times the median', () => {
  expect(rtts[1683]! / rtts[1000]!).toBeGreaterThan(Math.exp(0.5) * 0.93)
  expect(rtts[1683]! / rtts[1000]!).toBeLessThan(Math.exp(0.5) * 1.07)
})

test('belongs to the peer and the seed', () => {
  expect(linkRtt('a', options)).toBe(linkRtt('a', options))
  expect(linkRtt('a', options)).not.toBe(linkRtt('b', options))
  expect(linkRtt('a', options)).not.toBe(linkRtt('a', { ...options, seed: 2 }))
})

test('is the same for all peers without spread', () => {
  expect(linkRtt('a', { ...options, sigma: 0 })).toBe(100)
})
