import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import drain from 'it-drain'
import { Registry } from 'prom-client'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { ScoreStoreError } from '../../src/persistence/score-store-error.ts'
import { MapScoreStore } from '../persistence/map-score-store.ts'
import { entryOf, scriptedPeer } from './scripted-peer.ts'
import { BOTH, countingNode, meet, quietNode, request, strangerId } from './test-node.ts'
import type { ScoredNode } from './test-node.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoreStore } from '../../src/persistence/score-store.ts'
import type { PeerSelector } from '../../src/selection/peer-selector.ts'

const README = join(import.meta.dirname, '../../src/libp2p/README.md')
const PREFIX = 'libp2p_kad_dht_score_'

/** The section of the table, and a row of it: a metric, and the label that it has or none */
const SECTION = /^## Metrics$(.*?)^## /ms
const ROW = /^\| `(\w+)` \| (\w*) *\|/gm

const FIND_NODE = { type: 'FIND_NODE', key: Uint8Array.of(1) } as const

let registry: Registry

beforeEach(() => { registry = new Registry() })

/** A node that counts, and keeps its scores in a map */
async function meteredNode (scoring: ScoringInit = {}): Promise<ScoredNode> {
  return countingNode({}, metered(), { store: new MapScoreStore(new Map()), flushIntervalMs: 100, ...scoring })
}

function metered (): { metrics: ReturnType<typeof prometheusMetrics> } {
  return { metrics: prometheusMetrics({ registry, collectDefaultMetrics: false }) }
}

/** A metric's value, of one label where it has any; 0 where it has none yet */
async function value (name: string, label?: string): Promise<number> {
  const metric = await registry.getSingleMetric(`${PREFIX}${name}`)?.get()

  return metric?.values.find(({ labels }) => label === undefined || Object.values(labels).includes(label))?.value ?? 0
}

describe('the table of metrics', () => {
  test('has those that a node has beside kad-dht\'s own, each with its label, and no other', async () => {
    const [, section] = SECTION.exec(await readFile(README, 'utf8')) ?? []
    const documented = [...section.matchAll(ROW)].map(([, name, label]) => [name, label])
    await quietNode(BOTH.kadDHT, {}, metered())
    const stock = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name))
    registry = new Registry()
    await quietNode(BOTH.scoredKadDHT, {}, metered())
    const added = registry.getMetricsAsArray().filter(({ name }) => !stock.has(name))

    expect(documented.length).toBeGreaterThan(5)
    expect(added.map(metric => [metric.name, ...labelsOf(metric)]).sort()).toEqual(documented.map(([name, label]) => label === '' ? [name] : [name, label]).sort())
  })
})

describe('the metric', () => {
  test('peers counts the peers of each class', async () => {
    const node = await meteredNode({ parameters: { weightCap: 3 } })
    const peers = [await scriptedPeer(), await scriptedPeer()]
    await meet(node, ...peers)
    await vi.waitFor(async () => { expect(await value('peers', 'good')).toBe(2) })

    await spoil(node, peers[0])
    expect(await Promise.all(['good', 'neutral', 'unacceptable'].map(async peerClass => value('peers', peerClass)))).toEqual([1, 0, 1])
    expect(node.dht.scores.counts()).toEqual({ good: 1, neutral: 0, unacceptable: 1 })
  })

  test('replacements_in_use counts the poor peers that have one', async () => {
    const node = await meteredNode({ parameters: { weightCap: 3 } })
    const [poor, replacement] = [await scriptedPeer(), await strangerId()]
    await meet(node, poor)
    await spoil(node, poor)
    expect(await value('replacements_in_use')).toBe(0)

    node.dht.scoredRoutingTable.heardOf({ peer: replacement.toString(), kadId: await kadIdOf(replacement.toMultihash().bytes) }, 'named', performance.timeOrigin + performance.now())
    expect(await value('replacements_in_use')).toBe(1)
    expect(node.dht.scores.replacements().map(({ replacement }) => String(replacement))).toEqual([replacement.toString()])
  })

  test('outcomes_total counts the results of requests, by kind', async () => {
    const node = await meteredNode()
    const peer = await scriptedPeer()
    await meet(node, peer)
    const before = await value('outcomes_total', 'responded')
    await drain(request(node.dht.network, peer.peerId, FIND_NODE))
    peer.script = () => Uint8Array.of(2, 8, 99)
    await drain(request(node.dht.network, peer.peerId, FIND_NODE))

    expect([await value('outcomes_total', 'responded') - before, await value('outcomes_total', 'protocolError')]).toEqual([1, 1])
  })

  test.each([
    ['exploit', 0],
    ['explore', 1]
  ])('choices_total counts whom a lookup asks, as %s where epsilon is %d', async (choice, epsilon) => {
    const node = await meteredNode({ epsilon })
    const peers = [await scriptedPeer(), await scriptedPeer(), await scriptedPeer()]
    await meet(node, ...peers)
    await drain(node.dht.getClosestPeers(Uint8Array.of(1)))

    expect(await value('choices_total', choice)).toBeGreaterThan(0)
    expect(await value('choices_total', choice === 'exploit' ? 'explore' : 'exploit')).toBe(0)
  })

  test('invalid_choices_total counts the choices that were not offered', async () => {
    const selector: PeerSelector = { select: ({ length }) => ({ index: length, reason: 'exploit' }) }
    const node = await meteredNode({ selector })
    await meet(node, await scriptedPeer())
    expect(await value('invalid_choices_total')).toBe(0)

    await drain(node.dht.getClosestPeers(Uint8Array.of(1)))
    expect(await value('invalid_choices_total')).toBeGreaterThan(0)
  })

  test('dropped_entries_total counts what is malformed in answers, and what is too much', async () => {
    const node = await meteredNode()
    const strangers = await Promise.all(Array.from({ length: 41 }, async () => entryOf(await strangerId(), [])))
    const peer = await scriptedPeer({ script: () => ({ closer: [{ id: Uint8Array.of(1, 2, 3), multiaddrs: [] }, ...strangers] }) })
    await meet(node, peer)
    await drain(request(node.dht.network, peer.peerId, FIND_NODE))

    expect([await value('dropped_entries_total', 'malformed'), await value('dropped_entries_total', 'surplus')]).toEqual([1, 2])
  })

  test('unreadable_entries_total counts what could not be read, and why', async () => {
    const store = new MapScoreStore(new Map([['00', 'no peer'], ['01', 'nor this']]))
    await meteredNode({ store })

    expect([await value('unreadable_entries_total', 'damaged'), await value('unreadable_entries_total', 'unknown-version')]).toEqual([2, 0])
  })

  test('store_failures_total counts the attempts that failed, and why', async () => {
    const store: ScoreStore = Object.assign(new MapScoreStore(new Map()), { open: async () => { throw new ScoreStoreError('the disk is full', { problem: 'no-space' }) } })
    await meteredNode({ store })
    expect(await value('store_failures_total', 'no-space')).toBe(1)

    await vi.waitFor(async () => { expect(await value('store_failures_total', 'no-space')).toBeGreaterThan(1) })
    expect(await value('store_failures_total', 'in-use')).toBe(0)
  })

  test('flush_time_milliseconds tells how long the last write took', async () => {
    const store = new MapScoreStore(new Map())
    const write = store.write.bind(store)
    store.write = async (...args) => {
      await new Promise(resolve => { setTimeout(resolve, 50) })
      await write(...args)
    }
    const node = await meteredNode({ store })
    await meet(node, await scriptedPeer())

    await vi.waitFor(async () => { expect(await value('flush_time_milliseconds')).toBeGreaterThanOrEqual(45) }, { timeout: 3_000 })
  })
})

test('two DHTs of one node have metrics of their own', async () => {
  await quietNode(BOTH.scoredKadDHT, { metricsPrefix: 'my_dht' }, metered())

  expect(registry.getMetricsAsArray().filter(({ name }) => name.startsWith('my_dht_score_'))).toHaveLength(10)
  expect(registry.getMetricsAsArray().filter(({ name }) => name.startsWith(PREFIX))).toEqual([])
})

function labelsOf (metric: object): string[] {
  return 'labelNames' in metric ? metric.labelNames as string[] : []
}

async function spoil (node: ScoredNode, peer: Awaited<ReturnType<typeof scriptedPeer>>): Promise<void> {
  peer.script = () => Uint8Array.of(2, 8, 99)

  for (let requests = 0; requests < 8; requests++) {
    await drain(request(node.dht.network, peer.peerId, FIND_NODE))
  }
}
