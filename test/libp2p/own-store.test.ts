import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ScoreStoreError } from '../../src/persistence/score-store-error.ts'
import { TestNetwork, waitForTable } from '../conformance/test-network.ts'
import { MapScoreStore } from '../persistence/map-score-store.ts'
import { knownPeer } from './filled-store.ts'
import { hurriedTimers } from './hurried-timers.ts'
import { lonelyNode } from './lonely-node.ts'
import { scoresOf } from './scores-of.ts'
import { scored } from './test-node.ts'
import type { ScoreStore } from '../../src/persistence/score-store.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { StoredTexts } from '../persistence/map-score-store.ts'

const SERVERS = 4
const PEERS = 5

/** More than the node waits for a store here, ms; that it waits 5 s otherwise is tested in store/store-session.test.ts */
const PATIENCE_MS = 4_000

/** What a store with a few peers leaves behind */
async function filledTexts (peers = PEERS): Promise<StoredTexts> {
  const texts: StoredTexts = new Map()
  const store = new MapScoreStore(texts)
  await store.open()
  await store.write({ put: Array.from({ length: peers }, (_, n) => knownPeer(n)), delete: [] })

  return texts
}

/** A store of the user with some methods in place of its own */
function storeWith (texts: StoredTexts, methods: object): ScoreStore {
  return Object.assign(new MapScoreStore(texts), methods)
}

describe('A node with a score store of the user', () => {
  test('begins where the one before it ended, and finds its peers by what that kept', async () => {
    const network = new TestNetwork(kadDHT)
    onTestFinished(async () => { await network.stop() })
    await network.start(SERVERS)
    const texts: StoredTexts = new Map()
    const start = async (store: ScoreStore): Promise<TestNode> => network.createNode({ clientMode: true }, {}, scored({ store }))

    const store = new MapScoreStore(texts)
    const node = await start(store)
    expect(store.isOpen).toBe(true)
    await node.dial(network.servers[0].getMultiaddrs())
    await waitForTable(node, SERVERS)
    await all(node.services.dht.getClosestPeers(Uint8Array.of(1)))
    await expect.poll(() => scoresOf(node).counts().good, { timeout: 10_000 }).toBe(SERVERS)
    const before = network.servers.map(({ peerId }) => scoresOf(node).get(peerId).record?.reliability)
    await node.stop()
    expect(store.isOpen).toBe(false)
    expect(texts.size).toBe(SERVERS)

    const next = await start(new MapScoreStore(texts))
    expect(network.servers.map(({ peerId }) => scoresOf(next).get(peerId).record?.reliability)).toEqual(before)
    // it was told of nobody else
    await waitForTable(next, SERVERS)
  })

  test('uses it again when it is stopped and started, and forgets in it what is to be forgotten', async () => {
    const texts = await filledTexts()
    const store = new MapScoreStore(texts)
    const node = await lonelyNode({ store })
    const { scores } = node.services.dht
    expect(scores.size).toBe(PEERS)
    await scores.delete(scores.top(1)[0].id)
    expect(texts.size).toBe(PEERS - 1)
    await node.stop()
    expect(store.isOpen).toBe(false)

    await node.start()
    expect(store.isOpen).toBe(true)
    expect(scores.size).toBe(PEERS - 1)
    await scores.clear()
    expect(texts.size).toBe(0)
  })

  test('loses what is spoilt in it, and no more', async () => {
    const texts = await filledTexts()
    const [noJSON, noScore] = texts.keys()
    texts.set(noJSON, 'nonsense')
    texts.set(noScore, JSON.stringify({ ...JSON.parse(texts.get(noScore) ?? ''), score: null }))
    const errors: string[] = []
    const node = await lonelyNode({ store: new MapScoreStore(texts) }, { errors })

    expect(node.services.dht.scores.size).toBe(PEERS - 2)
    expect(errors).toEqual(expect.arrayContaining([`score of ${noJSON} is lost: damaged`, `score of ${noScore} is lost: damaged`]))
    expect([...texts.keys()], 'they are deleted').not.toContain(noScore)
  })

  test.each<[string, () => unknown]>([
    ['rejects', async () => { throw new Error('out of order') }],
    ['throws', () => { throw new Error('out of order') }]
  ])('runs with one whose every method %s, says so once, and starts not when it insists on its scores', async (_, fail) => {
    const broken = { open: fail, load: fail, write: fail, clear: fail, close: fail }
    const errors: string[] = []
    const node = await lonelyNode({ store: storeWith(new Map(), broken) }, { errors })

    expect(node.status).toBe('started')
    await expect(node.services.dht.scores.clear()).rejects.toThrow(ScoreStoreError)
    await node.stop()
    expect(node.status).toBe('stopped')
    expect(errors.filter(line => line.includes('out of order'))).toEqual(["score store in a map can't be used: out of order; mend this or give another place for the scores. Until it can be used scores are kept in memory only"])

    const strict = await lonelyNode({ store: storeWith(new Map(), broken), strictStore: true }, { start: false })
    await expect(strict.start()).rejects.toThrow(ScoreStoreError)
  })

  test.each<[string, () => unknown, number]>([
    ['rejects', async () => { throw new Error('out of order') }, 1],
    ['throws', () => { throw new Error('out of order') }, 1],
    ['returns nothing', () => undefined, 0]
  ])('stops, and reads it anew at the next start, with one whose close %s', async (_, close, count) => {
    const texts = await filledTexts()
    const errors: string[] = []
    const node = await lonelyNode({ store: storeWith(texts, { close }) }, { errors })
    await node.stop()
    expect(node.status).toBe('stopped')
    expect(errors.filter(line => line.includes('out of order') && line.endsWith('It may stay locked'))).toHaveLength(count)

    for (const [key, text] of await filledTexts(PEERS + 1)) {
      texts.set(key, text)
    }

    await node.start()
    expect(node.services.dht.scores.size).toBe(PEERS + 1)
  })

  test('takes in what it holds when it can be opened after all', async () => {
    const texts = await filledTexts()
    let opened = 0
    const late = new MapScoreStore(texts)
    const open = late.open.bind(late)
    const node = await lonelyNode({
      store: Object.assign(late, {
        open: async () => {
          if (++opened < 3) {
            throw new Error('not yet')
          }

          await open()
        }
      })
    })

    expect(node.services.dht.scores.size).toBe(0)
    await expect.poll(() => node.services.dht.scores.size, { timeout: 20_000 }).toBe(PEERS)
  })

  test.each(['open', 'load', 'write', 'close'] as const)('starts and stops with one whose %s hangs', async method => {
    hurriedTimers(5_000, { to: 500 })
    const hang = method === 'load'
      ? async function * () { await new Promise(() => {}) }
      : async () => new Promise(() => {})
    const startedAt = performance.now()
    const node = await lonelyNode({ store: storeWith(await filledTexts(), { [method]: hang }) })
    expect(node.status).toBe('started')
    await node.stop()

    expect(node.status).toBe('stopped')
    expect(performance.now() - startedAt).toBeLessThan(PATIENCE_MS)
  })
})
