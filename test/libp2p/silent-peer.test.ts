import drain from 'it-drain'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { expect, onTestFinished, test } from 'vitest'
import { LateAnswers } from '../../src/liveness/late-answers.ts'
import { TestNetwork, waitForTable } from '../conformance/test-network.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { countingNode, meet, scored } from './test-node.ts'
import type { ScoredNode } from './test-node.ts'
import type { LookupStep } from '../../src/index.ts'
import type { PeerId } from '@libp2p/interface'
import type { QueryEvent, SingleKadDHT } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')
const CONTENT = CID.createV1(raw.code, Digest.decode(Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))))

/** What a missed peer costs here, ms. The grace that follows is long enough for a machine that is busy with other tests. */
const MISSED_PEER_MS = 8_000
const GRACE_MS = new LateAnswers().graces(MISSED_PEER_MS).connected

type Search = (dht: SingleKadDHT) => AsyncIterable<QueryEvent>

const SEARCHES: Array<{ operation: string, search: Search }> = [
  { operation: 'findProviders', search: dht => dht.findProviders(CONTENT) },
  { operation: 'get', search: dht => dht.get(KEY) },
  { operation: 'getClosestPeers', search: dht => dht.getClosestPeers(KEY) }
]

test.each(SEARCHES)('$operation of what nobody has does not wait for the peer that the self-query has waited for', async ({ search }) => {
  const steps: LookupStep[] = []
  const network = new TestNetwork(scored({ lookup: { missedPeerMs: MISSED_PEER_MS }, onLookupStep: step => { steps.push(step) } }))
  onTestFinished(async () => { await network.stop() })
  const silent = await network.addStallingPeer()
  const answering = await scriptedPeer()
  // so late that both are known by then
  const node = await network.createNode({ clientMode: true, initialQuerySelfInterval: 1000 })
  await Promise.all([silent, answering.node].map(async peer => node.dial(peer.getMultiaddrs())))
  await waitForTable(node, 2)

  await drain(search(node.services.dht))

  const waits = waitsFor(steps, silent.peerId)
  expect(waits).toHaveLength(2)
  expect(waits[0]).toBeGreaterThanOrEqual(GRACE_MS)
  expect(waits[1]).toBeLessThan(GRACE_MS / 2)
})

test.each(SEARCHES)('$operation waits for a silent peer once, not at each repetition', async ({ search }) => {
  const { node, steps } = await impatientNode()
  const silent = await scriptedPeer({ script: () => undefined })
  await meet(node, silent, await scriptedPeer())

  await drain(search(node.dht))
  await drain(search(node.dht))
  await drain(search(node.dht))

  const [first, ...later] = waitsFor(steps, silent.peerId)
  expect(first).toBeGreaterThanOrEqual(GRACE_MS)
  expect(later.filter(waitMs => waitMs > GRACE_MS / 2)).toEqual([])
})

test('a search that none of the peers remembered from before answers does not begin again with a silent one', async () => {
  // two good peers are enough for a lookup that waits for nothing
  const { node, steps } = await impatientNode(2)
  const silent = await scriptedPeer()
  const gone = await Promise.all([1, 2].map(async () => scriptedPeer()))
  await meet(node, silent, ...gone)
  await drain(node.dht.getClosestPeers(KEY))
  await drain(node.dht.getClosestPeers(CONTENT.multihash.bytes))
  expect(node.dht.scores.counts().good).toBeGreaterThanOrEqual(2)

  await Promise.all(gone.map(async peer => peer.node.stop()))
  silent.script = () => undefined
  steps.length = 0
  await drain(node.dht.findProviders(CONTENT))

  expect(waitsFor(steps, silent.peerId)).toHaveLength(1)
})

test('a peer that answered after seconds is waited for again', async () => {
  const { node, steps } = await impatientNode()
  const slow = await scriptedPeer({ script: async () => { await pause(GRACE_MS / 2); return {} } })
  await meet(node, slow, await scriptedPeer())

  for (let i = 0; i < 3; i++) {
    const found: string[] = []

    for await (const event of node.dht.getClosestPeers(Uint8Array.of(i))) {
      if (event.name === 'FINAL_PEER') {
        found.push(event.peer.id.toString())
      }
    }

    expect(found).toContain(slow.peerId.toString())
  }

  expect(waitsFor(steps, slow.peerId)).toHaveLength(3)
})

/** For how long each lookup waited for a peer, from asking it to the end of the lookup, ms */
function waitsFor (steps: LookupStep[], peer: PeerId): number[] {
  const waits: number[] = []
  let askedAt: number | undefined

  for (const { event, actions } of steps) {
    if (actions.some(action => action.type === 'query' && action.peer === peer.toString())) {
      askedAt = event.now
    }

    if (askedAt !== undefined && actions.some(({ type }) => type === 'finish')) {
      waits.push(event.now - askedAt)
      askedAt = undefined
    }
  }

  return waits
}

async function impatientNode (k?: number): Promise<{ node: ScoredNode, steps: LookupStep[] }> {
  const steps: LookupStep[] = []
  const node = await countingNode(k === undefined ? {} : { kBucketSize: k }, {}, { lookup: { missedPeerMs: MISSED_PEER_MS }, onLookupStep: step => { steps.push(step) } })

  return { node, steps }
}

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ms) })
}
