import { describe, expect, test } from 'vitest'
import { DialBackoff } from '../../../../../benchmarks/simulator/clients/go/dial-backoff.ts'

function isOpen (backoff: DialBackoff, node: number, now: number): boolean {
  return backoff.open(node, 1, 5_000, now) === 1
}

describe('DialBackoff', () => {
  test('lasts five seconds, and longer each time', () => {
    const backoff = new DialBackoff()

    backoff.failed(1, 0)
    expect(isOpen(backoff, 1, 4_999)).toBe(false)
    expect(isOpen(backoff, 1, 5_000)).toBe(true)
    expect(isOpen(backoff, 2, 0)).toBe(true)

    backoff.failed(1, 5_000)
    expect(isOpen(backoff, 1, 5_000 + 5_999)).toBe(false)
    expect(isOpen(backoff, 1, 5_000 + 6_000)).toBe(true)

    backoff.failed(1, 11_000)
    expect(isOpen(backoff, 1, 11_000 + 8_999)).toBe(false)
    expect(isOpen(backoff, 1, 11_000 + 9_000)).toBe(true)
  })

  test('lasts five minutes at most', () => {
    const backoff = new DialBackoff()

    for (let i = 0; i < 50; i++) {
      backoff.failed(1, i)
    }

    expect(isOpen(backoff, 1, 299_000)).toBe(false)
    expect(isOpen(backoff, 1, 301_000)).toBe(true)
  })

  test('ends with a connection, and starts anew after a long time', () => {
    const backoff = new DialBackoff()

    backoff.failed(1, 0)
    backoff.connected(1)
    expect(isOpen(backoff, 1, 0)).toBe(true)

    backoff.failed(2, 0)
    backoff.failed(2, 5_000)
    // any failure cleans up what has long been over
    backoff.failed(3, 400_000)
    backoff.failed(2, 400_000)
    expect(isOpen(backoff, 2, 405_000)).toBe(true)
  })

  test('lasts for each round of addresses from when it failed', () => {
    const backoff = new DialBackoff()

    // three rounds, of which the first failed ten seconds before the last
    backoff.failed(1, 15_000)

    expect([9_999, 10_000, 15_000, 19_999, 20_000].map(now => backoff.open(1, 3, 5_000, now))).toEqual([0, 1, 2, 2, 3])
    expect(backoff.open(2, 3, 5_000, 15_000)).toBe(3)
  })
})
