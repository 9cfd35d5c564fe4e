import { describe, expect, it } from 'vitest'
import { DialBackoff } from '../../../../benchmarks/simulator/clients/dial-backoff.ts'

describe('DialBackoff', () => {
  it('lasts five seconds, and longer each time', () => {
    const backoff = new DialBackoff()

    backoff.failed(1, 0)
    expect(backoff.blocks(1, 4_999)).toBe(true)
    expect(backoff.blocks(1, 5_000)).toBe(false)
    expect(backoff.blocks(2, 0)).toBe(false)

    backoff.failed(1, 5_000)
    expect(backoff.blocks(1, 5_000 + 5_999)).toBe(true)
    expect(backoff.blocks(1, 5_000 + 6_000)).toBe(false)

    backoff.failed(1, 11_000)
    expect(backoff.blocks(1, 11_000 + 8_999)).toBe(true)
    expect(backoff.blocks(1, 11_000 + 9_000)).toBe(false)
  })

  it('lasts five minutes at most', () => {
    const backoff = new DialBackoff()

    for (let i = 0; i < 50; i++) {
      backoff.failed(1, i)
    }

    expect(backoff.blocks(1, 299_000)).toBe(true)
    expect(backoff.blocks(1, 301_000)).toBe(false)
  })

  it('ends with a connection, and starts anew after a long time', () => {
    const backoff = new DialBackoff()

    backoff.failed(1, 0)
    backoff.connected(1)
    expect(backoff.blocks(1, 0)).toBe(false)

    backoff.failed(2, 0)
    backoff.failed(2, 5_000)
    // any failure cleans up what has long been over
    backoff.failed(3, 400_000)
    backoff.failed(2, 400_000)
    expect(backoff.blocks(2, 405_000)).toBe(false)
  })
})
