import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import all from 'it-all'
import { describe, expect, onTestFinished, test } from 'vitest'
import { named } from '../../../conformance/named.ts'
import { cids, K, meetAll, publishingNetwork, results } from './publishing-network.ts'
import type { ScoredKadDHT } from '../../../../src/service.ts'

describe.each([1, 3, 8])('among %i servers a bulk put', servers => {
  test('stores every key on the closest, and another client finds it', async () => {
    const { node, dht, reader } = await publishingNetwork(servers)
    const keys = await cids(60)
    const events = await all(dht.provideMany(keys))

    expect(events[0]).toEqual({ type: 'added', keys: 60 })
    expect(results(events)).toEqual(new Array(60).fill(['stored', Math.min(K, servers)]))
    expect(events.at(-1)).toMatchObject({ type: 'progress', stored: 60, failed: 0, waiting: 0 })

    for (const cid of keys.slice(0, 5)) {
      const found = named(await all(reader.services.dht.findProviders(cid)), 'PROVIDER')

      expect(found.flatMap(({ providers }) => providers.map(({ id }) => id.toString()))).toContain(node.peerId.toString())
    }
  })
})

describe('a bulk put', () => {
  test('of values stores them as a put does', async () => {
    const { dht, reader } = await publishingNetwork(6)
    const records = Array.from({ length: 20 }, (_, i) => ({ key: new TextEncoder().encode(`/test/${i}`), value: Uint8Array.of(i) }))
    const events = await all(dht.putMany(records))

    expect(results(events)).toEqual(new Array(20).fill(['stored', K]))

    for (const { key, value } of records.slice(0, 3)) {
      expect(Uint8Array.from(named(await all(reader.services.dht.get(key)), 'VALUE').at(-1)?.value ?? [])).toEqual(value)
    }
  })

  test('sends nothing that is stored already', async () => {
    const { dht } = await publishingNetwork(3)
    const keys = await cids(10)
    await all(dht.provideMany(keys))

    expect(results(await all(dht.provideMany(keys)))).toEqual([])
    expect(results(await all(dht.provideMany([...keys, ...await cids(2, 'other')])))).toHaveLength(2)
  })

  test('ends with the reason of its signal, and the next one sends the rest', async () => {
    const { dht } = await publishingNetwork(3)
    const controller = new AbortController()
    const reason = new Error('no longer wanted')
    let stored = 0

    await expect(async () => {
      for await (const event of dht.provideMany(await cids(3_000), { signal: controller.signal })) {
        stored += event.type === 'key' ? 1 : 0

        if (stored === 500) {
          controller.abort(reason)
        }
      }
    }).rejects.toBe(reason)

    const rest = results(await all(dht.provideMany([])))

    expect(rest.length).toBeGreaterThan(0)
    expect(rest.every(([result]) => result === 'stored')).toBe(true)
    expect(await dht.provides.state()).toMatchObject({ keys: 3_000, waiting: 0 })
  })

  test('ends without an error when the DHT stops, and goes on after the restart', async () => {
    const location = await mkdtemp(join(tmpdir(), 'published-'))
    onTestFinished(async () => { await rm(location, { recursive: true }) })
    const { node, dht, network } = await publishingNetwork(3, { location: join(location, 'keys') })
    // the servers have the same options, but publish nothing
    const seen = new Set<string>()
    let stopping: Promise<void> | undefined

    for await (const event of dht.provideMany(await cids(3_000))) {
      if (event.type === 'key') {
        seen.add(event.key.join())
        stopping ??= Promise.resolve(node.stop())
      }
    }

    await stopping
    expect(seen.size).toBeLessThan(3_000)
    await expect(dht.provides.state()).rejects.toThrow('not started')

    await node.start()
    await meetAll(node, network)

    for await (const event of (node.services.dht as ScoredKadDHT).provideMany([])) {
      if (event.type === 'key') {
        seen.add(event.key.join())
      }
    }

    expect(await dht.provides.state()).toMatchObject({ keys: 3_000, waiting: 0 })
    expect(seen.size).toBe(3_000)
  })

  test('fails with the error of its source, and keeps what came before', async () => {
    const { dht } = await publishingNetwork(1)
    const keys = await cids(1_500)
    const source = async function * (): AsyncGenerator<typeof keys[number]> {
      yield * keys
      throw new Error('the disk of the source is gone')
    }

    await expect(all(dht.provideMany(source()))).rejects.toThrow('the disk of the source is gone')
    expect((await dht.provides.state()).keys).toBe(1_000)
  })

  test('says what is no CID', async () => {
    const { dht } = await publishingNetwork(1)

    await expect(all(dht.provideMany(['bafy'] as never))).rejects.toThrow('bafy is no CID')
  })

  test('stores every key although servers go away in the middle of it', async () => {
    const { network, dht } = await publishingNetwork(9)
    let stored = 0
    let failed = 0

    for await (const event of dht.provideMany(await cids(2_000))) {
      if (event.type === 'key') {
        stored += event.result === 'stored' ? 1 : 0
        failed += event.result === 'failed' ? 1 : 0

        if (stored + failed === 1) {
          await Promise.all(network.servers.slice(0, 3).map(async server => server.stop()))
        }
      }
    }

    expect(stored).toBe(2_000)
    expect(await dht.provides.state()).toMatchObject({ keys: 2_000, waiting: 0 })
  })

  test('of CIDs is refused by a node without an address, as servers would drop its records', async () => {
    const { network } = await publishingNetwork(1)
    const hidden = await network.createNode({ clientMode: true }, { addresses: { listen: [] } })

    await expect(all((hidden.services.dht as ScoredKadDHT).provideMany(await cids(1)))).rejects.toThrow('no address')
  })

  test('is refused by a DHT that is not started', async () => {
    const { node, dht } = await publishingNetwork(1)
    await node.stop()

    await expect(all(dht.provideMany([]))).rejects.toThrow('not started')
  })
})
