import { describe, expect, test } from 'vitest'
import { GO_LIMITS_2025, GO_LIMITS_2026, GO_LIMITS_ON_LOOPBACK } from '../../../../../benchmarks/simulator/clients/go/go-limits.ts'
import { GoRequests } from '../../../../../benchmarks/simulator/clients/go/go-requests.ts'
import { SmallNetwork } from '../small-network.ts'
import type { GoLimits } from '../../../../../benchmarks/simulator/clients/go/go-limits.ts'

function given (limits: GoLimits = GO_LIMITS_2025): { network: SmallNetwork, requests: GoRequests, endOf: (start: (onEnd: (result: unknown) => void) => void) => { result: unknown, timeMs: number } } {
  const network = new SmallNetwork()

  return {
    network,
    requests: new GoRequests(network.components, limits),
    endOf: start => {
      const from = network.clock.now
      let end: { result: unknown, timeMs: number } | undefined

      start(result => { end = { result, timeMs: network.clock.now - from } })
      network.pass(100_000)

      return end ?? { result: 'none', timeMs: Infinity }
    }
  }
}

describe('GoRequests', () => {
  const counter = { queries: 0 }

  test('reads twice for ten seconds each from a peer that connects and does not answer', () => {
    const { network, requests, endOf } = given()

    network.mute.add(1)

    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toEqual({ result: undefined, timeMs: 400 + 20_000 })
  })

  test.each([
    [0.22, 60_000, 5_000],
    // the node's address count is the 7.6e-6 quantile from the top
    [0.999997, 60_000, 15_000],
    [0.999997, 8_000, 8_000]
  ])('tries the addresses of a silent peer eight by eight (share with more %d, at most %d ms)', (moreAddressesShare, peerDialMs, timeMs) => {
    const { network, requests, endOf } = given({ ...GO_LIMITS_2025, moreAddressesShare, peerDialMs })
    network.leave('silent', 1)

    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toEqual({ result: undefined, timeMs })
  })

  test.each(['silent', 'stalls'] as const)('gives a peer on loopback that %s five seconds', absence => {
    const { network, requests, endOf } = given(GO_LIMITS_ON_LOOPBACK)
    network.leave(absence, 1)

    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toEqual({ result: undefined, timeMs: 5_000 })
  })

  test('dials again who took all the time there is for a peer, and not who failed in less', () => {
    const { network, requests, endOf } = given({ ...GO_LIMITS_2025, dialMs: 60_000 })

    network.leave('stalls', 1)
    network.leave('refuses', 2)

    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toMatchObject({ timeMs: 60_000 })

    const times: number[] = []

    for (const node of [1, 2]) {
      const ask = (): void => { requests.ask(counter, node, { onEnd: () => { times.push(network.clock.now) } }) }

      requests.ask(counter, node, { onEnd: ask })
    }

    const from = network.clock.now

    network.pass(200_000)
    expect(times.map(atMs => atMs - from)).toEqual([100, 120_000])
  })

  test('dials again what of the addresses failed long enough ago', () => {
    const { network, requests } = given({ ...GO_LIMITS_2025, moreAddressesShare: 0.999997 })
    const times: number[] = []

    network.leave('silent', 1)
    // three rounds of five seconds; the first failed ten seconds before the last, the second five
    requests.ask(counter, 1, { onEnd: () => { requests.ask(counter, 1, { onEnd: () => { times.push(network.clock.now) } }) } })
    network.pass(100_000)

    expect(times).toEqual([15_000 + 10_000])
  })

  test('tells the latency from the request being written', () => {
    const { requests, endOf } = given()

    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toEqual({ result: 100, timeMs: 500 })
  })

  test('gives a put the limit of its time, and that of whoever asks', () => {
    const { network, requests, endOf } = given({ ...GO_LIMITS_2026, putMs: 10_000 })

    network.mute.add(1)

    expect(endOf(onEnd => requests.store(counter, 1, true, Infinity, onEnd))).toEqual({ result: false, timeMs: 10_000 })
    expect(endOf(onEnd => requests.store(counter, 1, true, 7_000, onEnd))).toEqual({ result: false, timeMs: 7_000 })
    expect(endOf(onEnd => requests.store(counter, 1, false, 7_000, onEnd))).toMatchObject({ result: true })
  })

  test('forgets failed dials when one succeeds', () => {
    const { network, requests, endOf } = given()
    const fail = (): void => {
      network.leave('refuses', 1)
      network.components.connections.closeAll()
      requests.ask(counter, 1, { onEnd: () => {} })
      network.pass(100)
    }

    fail()
    network.pass(5_000)
    network.join(1)
    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toMatchObject({ result: 100 })
    fail()
    // the first failure again: five seconds, not six
    network.pass(5_000)
    network.join(1)
    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toMatchObject({ result: 100 })
  })

  test('does not hold a failure over a connection that stands against the peer', () => {
    const { network, requests, endOf } = given()

    network.connect(1)
    network.mute.add(1)
    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toMatchObject({ result: undefined })
    network.mute.clear()
    network.components.connections.closeAll()
    expect(endOf(onEnd => requests.ask(counter, 1, { onEnd }))).toMatchObject({ result: 100 })
  })
})
