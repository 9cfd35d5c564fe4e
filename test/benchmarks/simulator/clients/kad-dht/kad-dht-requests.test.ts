import { describe, expect, test } from 'vitest'
import { KadDHTRequests } from '../../../../../benchmarks/simulator/clients/kad-dht/kad-dht-requests.ts'
import { SmallNetwork } from '../small-network.ts'

interface End {
  node: number
  atMs: number
  answered: boolean
  aborted: boolean
}

function given (maxParallelDials?: number): { network: SmallNetwork, ends: End[], start: (node: number, timeoutMs?: number, answered?: boolean) => () => void } {
  const network = new SmallNetwork()
  const requests = new KadDHTRequests({ ...network.components, maxParallelDials })
  const ends: End[] = []

  return {
    network,
    ends,
    start: (node, timeoutMs = 5_000, answered = true) => requests.start({
      node,
      timeoutMs,
      answered,
      onEnd: result => { ends.push({ node, atMs: network.clock.now, ...result }) }
    })
  }
}

describe('KadDHTRequests', () => {
  test('needs another round trip for the stream where it is connected', () => {
    const { network, ends, start } = given()

    network.connect(1)
    start(1)
    start(1, 5_000, false)

    expect(network.isQuiet).toBe(false)
    network.pass(1_000)
    expect(ends.map(({ atMs, answered }) => [atMs - 500, answered])).toEqual([[100, true], [200, true]])
  })

  test('lets dials wait for one another, and time runs meanwhile', () => {
    const { network, ends, start } = given(2)

    network.leave('silent', 1, 2)
    start(1)
    start(2)
    start(3, 4_000)
    start(4, 4_500)
    network.pass(20_000)

    expect(ends).toEqual([
      { node: 3, atMs: 4_000, answered: false, aborted: true },
      { node: 4, atMs: 4_500, answered: false, aborted: true },
      { node: 1, atMs: 5_000, answered: false, aborted: true },
      { node: 2, atMs: 5_000, answered: false, aborted: true }
    ])
    expect(network.asked.map(({ node }) => node)).toEqual([1, 2])
  })

  test('begins the next dial when one has connected', () => {
    const { network, ends, start } = given(1)

    start(1)
    start(2)
    network.pass(2_000)

    expect(ends.map(({ node, atMs }) => [node, atMs])).toEqual([[1, 500], [2, 400 + 500]])
  })

  test('gives an address six seconds', () => {
    const { network, ends, start } = given()

    network.leave('silent', 1)
    start(1, 30_000)
    network.pass(30_000)

    expect(ends).toEqual([{ node: 1, atMs: 6_000, answered: false, aborted: false }])
  })

  test('joins a dial that is under way', () => {
    const { network, ends, start } = given()

    network.leave('refuses', 2)
    start(1)
    start(1)
    start(2)
    start(2)
    network.pass(2_000)

    // the dial, then a stream for the second request
    expect(ends.filter(({ node }) => node === 1).map(({ atMs }) => atMs)).toEqual([500, 400 + 200])
    expect(ends.filter(({ node }) => node === 2)).toHaveLength(2)
    expect(network.components.connections.dials).toBe(2)
  })

  test('dials for who joined when who began gives up', () => {
    const { network, ends, start } = given()
    const cancel = start(1)

    start(1)
    network.pass(100)
    cancel()
    network.pass(2_000)

    expect(ends).toEqual([{ node: 1, atMs: 100 + 500, answered: true, aborted: false }])
  })

  test('refuses a dial when too many wait', () => {
    const { network, ends, start } = given(0)

    for (let node = 0; node < 501; node++) {
      start(node)
    }

    network.pass(1)

    expect(ends).toEqual([{ node: 500, atMs: 0, answered: false, aborted: false }])
  })

  test('leaves nothing behind when it is given up', () => {
    const { network, ends, start } = given(1)

    network.connect(3)

    const cancels = [start(1), start(1), start(2), start(3)]

    cancels.forEach(cancel => { cancel() })

    expect(network.isQuiet).toBe(true)
    expect(ends).toEqual([])
  })
})
