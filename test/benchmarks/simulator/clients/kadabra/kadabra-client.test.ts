import { describe, expect, test } from 'vitest'
import { BanditBucket } from '../../../../../benchmarks/simulator/clients/kadabra/bandit-bucket.ts'
import { KadabraClient } from '../../../../../benchmarks/simulator/clients/kadabra/kadabra-client.ts'
import { seededRandom } from '../../../../../benchmarks/random/seeded-random.ts'
import { SmallNetwork } from '../small-network.ts'
import type { KadabraClientInit } from '../../../../../benchmarks/simulator/clients/kadabra/kadabra-client.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)

describe('BanditBucket', () => {
  const entries = [1, 2]

  function given (): BanditBucket {
    return new BanditBucket({ epochLookups: 4, random: seededRandom(1, 'bandit') })
  }

  /** An epoch in which every other lookup goes through either of two entries, with their times */
  function epoch (bucket: BanditBucket, entries: number[], times: number[], others: number[]): unknown {
    let swap: unknown

    for (let i = 0; i < 4; i++) {
      expect(swap).toBeUndefined()
      swap = bucket.lookedUp([entries[i % 2]], times[i % 2], entries, () => others)
    }

    return swap
  }

  test('changes nothing before the end of an epoch, and then puts another in the place of the slowest', () => {
    expect(epoch(given(), entries, [100, 900], [3])).toEqual({ out: 2, in: 3 })
  })

  test('finds the entry worst that no lookup went through', () => {
    const bucket = given()
    const swaps = [1, 2, 1, 2].map(node => bucket.lookedUp([node], 100, [1, 2, 9], () => [3]))

    expect(swaps).toEqual([undefined, undefined, undefined, { out: 9, in: 3 }])
  })

  test('keeps the newcomer when the epoch with it was better', () => {
    const bucket = given()

    epoch(bucket, entries, [100, 900], [3])

    expect(epoch(bucket, [1, 3], [100, 200], [4])).toBeUndefined()
  })

  test('takes the old one back when the epoch with the newcomer was worse', () => {
    const bucket = given()

    epoch(bucket, entries, [100, 900], [3])

    expect(epoch(bucket, [1, 3], [100, 2_000], [4])).toEqual({ out: 3, in: 2 })
  })

  test('explores again every other epoch', () => {
    const bucket = given()

    epoch(bucket, entries, [100, 900], [3])
    epoch(bucket, [1, 3], [100, 200], [4])

    expect(epoch(bucket, [1, 3], [100, 200], [4])).toEqual({ out: 3, in: 4 })
  })

  test('counts each epoch by itself', () => {
    const bucket = given()

    epoch(bucket, entries, [900, 100], [])

    expect(epoch(bucket, entries, [100, 500], [3])).toEqual({ out: 2, in: 3 })
  })

  test('changes nothing when it knows nobody else', () => {
    expect(epoch(given(), entries, [100, 900], [])).toBeUndefined()
  })
})

describe('KadabraClient', () => {
  const bootstrap = [63]

  function given (): { network: SmallNetwork, client: KadabraClient } {
    const network = new SmallNetwork({ bootstrap, k: 4 })
    const client = new KadabraClient(network.components, { epochLookups: 4 })

    client.start()
    network.pass(60_000)

    return { network, client }
  }

  test('is done when the k closest have answered, three asked at a time', () => {
    const { network, client } = given()
    const { result } = network.run<{ closest: number[] }>(client, (client, done) => client.closestPeers(TARGET, done))

    expect(result.closest).toEqual(network.closest(TARGET, 4))
  })

  test('finds holders and stores records', () => {
    const { network, client } = given()
    const closest = network.closest(TARGET, 4)

    expect(network.run(client, (client, done) => client.findHolder(TARGET, node => node === closest[3], done)).result).toBe(true)
    expect(network.run(client, (client, done) => client.store(TARGET, true, done)).result).toEqual(closest)
  })

  describe('with a quarter of all nodes slow, none of which is close to a key', () => {
    /** Times of the last 200 of 400 lookups, ms */
    function timesMs (init: KadabraClientInit): number[] {
      const network = new SmallNetwork({ bootstrap, k: 4, size: 256 })
      const client = new KadabraClient(network.components, init)
      const random = seededRandom(1, 'targets')

      for (let node = 0; node < 256; node++) {
        network.habits.set(node, node % 8 >= 6 ? 'slow' : 'none')
      }

      client.start()
      network.pass(60_000)

      return Array.from({ length: 400 }, () => {
        const target = Uint8Array.of(Math.floor(random() * 16) * 8 + 2, 0, 0, 0)
        const { timeMs } = network.run(client, (client, done) => client.closestPeers(target, done))

        network.pass(1_000)

        return timeMs
      }).slice(200)
    }

    const sum = (times: number[]): number => times.reduce((sum, time) => sum + time, 0)
    const withoutBandit = timesMs({ epochLookups: Infinity })

    test('becomes faster than without its bandits', () => {
      expect(sum(timesMs({ epochLookups: 4 }))).toBeLessThan(0.95 * sum(withoutBandit))
    })

    test('explores nobody who is nearer than it is told to', () => {
      expect(timesMs({ epochLookups: 4, minExploredLatencyMs: 1_000_000 })).toEqual(withoutBandit)
    })
  })
})
