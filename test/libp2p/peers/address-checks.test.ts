import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AddressChecks } from '../../../src/libp2p/peers/address-checks.ts'
import { componentsOf } from '../components-of.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const TCP = multiaddr('/ip4/1.2.3.4/tcp/4001')

/** Names of peers, which have to be resolved */
function names (count: number): Multiaddr[] {
  return Array.from({ length: count }, (_, n) => multiaddr(`/dnsaddr/host-${n}.example.com`))
}

test('an address can be dialled when the node has a transport for it', async () => {
  const { components } = await componentsOf()
  const checks = new AddressChecks(components, { now: () => 0 })

  expect(await checks.check(TCP)).toBe(true)
  expect(await checks.check(multiaddr('/ip4/1.2.3.4/udp/4001/quic-v1'))).toBe(false)
})

describe('checks of addresses', () => {
  let now: number
  let asked: string[]
  /** What the node says of an address */
  let isDialable: (address: string, signal: AbortSignal | undefined) => Promise<boolean>
  let checks: AddressChecks

  beforeEach(() => {
    vi.useFakeTimers()
    now = 0
    asked = []
    isDialable = async () => true
    checks = new AddressChecks({
      connectionManager: {
        isDialable: async (addresses, options) => {
          asked.push(String(addresses))

          return isDialable(String(addresses), options?.signal)
        }
      }
    }, { now: () => now })
  })

  afterEach(() => { vi.useRealTimers() })

  test('are known for a minute, and then made again', async () => {
    expect(checks.known(TCP)).toBeUndefined()
    await checks.check(TCP)
    await checks.check(TCP)
    expect([checks.known(TCP), asked]).toEqual([true, [TCP.toString()]])

    now = 60_000
    expect(checks.known(TCP)).toBeUndefined()
    isDialable = async () => false
    expect(await checks.check(TCP)).toBe(false)
    expect(checks.known(TCP)).toBe(false)
  })

  test('take an error for an address that can not be dialled', async () => {
    isDialable = async () => { throw new Error('no such host') }

    expect(await checks.check(TCP)).toBe(false)
  })

  test('end after ten seconds with a resolver that heeds no signal, and tell it', async () => {
    let heard: AbortSignal | undefined
    isDialable = async (_, signal) => {
      heard = signal

      return new Promise(() => {})
    }
    const check = checks.check(TCP)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(heard?.aborted).toBe(false)

    await vi.advanceTimersByTimeAsync(1)
    expect([await check, heard?.aborted]).toEqual([false, true])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('resolve sixteen names at a time, and let no more than 64 wait', async () => {
    isDialable = async () => new Promise(resolve => { setTimeout(() => { resolve(true) }, 1_000) })
    const results = Promise.all(names(100).map(async name => checks.check(name)))
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(16)

    await vi.advanceTimersByTimeAsync(5_000)
    expect((await results).filter(isDialable => isDialable)).toHaveLength(16 + 64)
    expect(asked).toHaveLength(16 + 64)
  })

  test('of addresses that need no resolving wait for no name', async () => {
    isDialable = async address => address.startsWith('/ip4') || new Promise(() => {})
    names(90).forEach(name => { checks.check(name).catch(() => {}) })

    expect(await checks.check(TCP)).toBe(true)
  })

  test('resolve a name once that many wait for', async () => {
    const gate = Promise.withResolvers<boolean>()
    isDialable = async () => gate.promise
    const [first, ...others] = names(16)
    const running = [first, ...others].map(async name => checks.check(name))
    const waiting = checks.check(first)
    gate.resolve(true)
    await Promise.all(running)

    expect(await waiting).toBe(true)
    expect(asked.filter(name => name === first.toString())).toHaveLength(1)
  })

  test('keep the results of the last 8,192 addresses', async () => {
    const addresses = Array.from({ length: 8_193 }, (_, n) => multiaddr(`/ip4/1.2.3.4/tcp/${1 + n}`))

    for (const address of addresses) {
      await checks.check(address)
    }

    expect([0, 1, 8_192].map(n => checks.known(addresses[n]))).toEqual([undefined, true, true])
  })
})
