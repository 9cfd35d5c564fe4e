import { describe, expect, test } from 'vitest'
import { Introductions } from '../../../../../benchmarks/simulator/clients/kad-dht/introductions.ts'
import { NodeBuckets } from '../../../../../benchmarks/simulator/clients/node-buckets.ts'
import { SmallNetwork } from '../small-network.ts'

/** Buckets of five for nodes 0 to 15, 16 to 31 and so on up to 63, and round again; the first holds 0 to 4, which answered at 1 to 5 ms */
function given (dead: number[] = []): { network: SmallNetwork, buckets: NodeBuckets, introductions: Introductions, pings: string[] } {
  const network = new SmallNetwork()
  const { clock, components: { world: { population } } } = network
  const buckets = new NodeBuckets({ population: { ...population, head: node => node << 26 >>> 0 }, capacity: 5, bucketOf: head => head >>> 30 })
  const pings: string[] = []
  const introductions = new Introductions({
    clock,
    buckets,
    ping: (node, kind, onEnd) => {
      pings.push(`${kind} ${node}`)
      clock.schedule(100, () => { onEnd(!dead.includes(node)) })
    },
    onAdded: () => {}
  })

  for (let node = 0; node < 5; node++) {
    buckets.add(node, node + 1, false)
  }

  return { network, buckets, introductions, pings }
}

describe('Introductions', () => {
  test('pings a newcomer and lets it in', () => {
    const { network, buckets, introductions, pings } = given()

    introductions.add(20)
    introductions.add(20)
    network.pass(100)
    introductions.add(20)

    expect(pings).toEqual(['new 20'])
    expect(buckets.get(20)).toBeDefined()
  })

  test('keeps out one that does not answer, and pings it again when it is named again', () => {
    const { network, buckets, introductions, pings } = given([20])

    introductions.add(20)
    network.pass(100)
    introductions.add(20)

    expect(buckets.get(20)).toBeUndefined()
    expect(pings).toEqual(['new 20', 'new 20'])
  })

  test('asks nobody to make room who was pinged within ten minutes', () => {
    const { network, introductions, pings } = given()

    introductions.add(9)
    network.pass(1_000)

    expect(pings).toEqual([])
  })

  test('pings the three old ones that were not for the longest, each time, and evicts those that fail', () => {
    const { network, buckets, introductions, pings } = given([1])

    network.pass(700_000)
    introductions.add(9)
    network.pass(1_000)

    expect(pings).toEqual(['old 0', 'old 1', 'old 2', 'new 9'])
    expect(buckets.entriesOf(0).map(({ node }) => node)).toEqual([0, 2, 3, 4, 9])

    pings.length = 0
    introductions.add(10)
    network.pass(1_000)

    expect(pings).toEqual(['old 0', 'old 2', 'old 3'])
    expect(buckets.get(10)).toBeUndefined()
  })

  test('does sixteen at a time', () => {
    const { network, introductions, pings } = given()

    for (let node = 16; node < 64; node++) {
      introductions.add(node)
    }

    // full buckets need no ping: five of each sixteen are let in
    expect(pings).toHaveLength(16)
    network.pass(100)
    expect(pings).toHaveLength(32)
  })

  test('forgets who comes when 16,384 wait, until it is named again', () => {
    const { network, introductions, pings } = given()

    for (let node = 16; node < 32; node++) {
      introductions.add(node)
    }

    // of a full bucket: when it is their turn they come to nothing, all at once
    for (let other = 1; other <= 16_384; other++) {
      introductions.add(64 * other)
    }

    introductions.add(40)
    network.pass(1_000)
    expect(pings).not.toContain('new 40')

    introductions.add(40)
    expect(pings).toContain('new 40')
  })
})
