import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { countingNode, meet, strangerId } from '../../libp2p/test-node.ts'
import type { ScoredNode } from '../../libp2p/test-node.ts'
import type { LookupStep } from '../../../src/index.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'
import type { PeerId } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

const MULTIHASH = Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))
const CONTENT = CID.createV1(raw.code, Digest.decode(MULTIHASH))

/** A peer that does not answer is waited for much longer, ms */
const AT_ONCE_MS = 1000

test.each<{ operation: string, answer: 'closer' | 'providers', end: QueryEvent['name'], run: (node: ScoredNode, wanted: PeerId) => AsyncIterable<QueryEvent> }>([
  { operation: 'findPeer', answer: 'closer', end: 'FINAL_PEER', run: ({ dht }, wanted) => dht.findPeer(wanted, { useCache: false }) },
  { operation: 'findProviders', answer: 'providers', end: 'PROVIDER', run: ({ dht }) => dht.findProviders(CONTENT) }
])('$operation answers with the first peer that knows, and when its consumer leaves then, its lookup stops at once', async ({ answer, end, run }) => {
  const wanted = await strangerId()
  const steps: LookupStep[] = []
  const node = await countingNode({}, {}, { parameters: { minSoftDeadlineMs: 3000 }, onLookupStep: step => { steps.push(step) } })
  const knows = await scriptedPeer({ script: (): Partial<DHTMessage> => ({ [answer]: [entryOf(wanted, [])] }) })
  const mute = await Promise.all([1, 2, 3].map(async () => scriptedPeer({ script: () => undefined })))
  await meet(node, knows, ...mute)

  const startedAt = Date.now()

  for await (const event of run(node, wanted)) {
    if (event.name === end) {
      break
    }
  }

  expect(Date.now() - startedAt).toBeLessThan(AT_ONCE_MS)
  expect(steps.at(-1)?.event.type).toBe('satisfied')
  expect(steps.flatMap(({ actions }) => actions).filter(({ type }) => type === 'finish')).toHaveLength(1)
  // the mute ones were asked, and their requests are given up
  expect(steps.flatMap(({ actions }) => actions).filter(action => action.type === 'cancel').map(({ peer }) => peer))
    .toEqual(expect.arrayContaining(mute.map(({ peerId }) => peerId.toString())))
  await expect.poll(() => mute.map(({ peerId }) => openStreams(node, peerId))).toEqual([0, 0, 0])
})

test.each<{ operation: string, answer: 'closer' | 'providers', run: (node: ScoredNode, wanted: PeerId) => AsyncIterable<QueryEvent> }>([
  { operation: 'findPeer', answer: 'closer', run: ({ dht }, wanted) => dht.findPeer(wanted, { useCache: false }) },
  { operation: 'findProviders', answer: 'providers', run: ({ dht }) => dht.findProviders(CONTENT) }
])('$operation dials nobody while four connected peers may know', async ({ answer, run }) => {
  const wanted = await strangerId()
  const steps: LookupStep[] = []
  const node = await countingNode({}, {}, { onLookupStep: step => { steps.push(step) } })
  const knows = await scriptedPeer({ script: (): Partial<DHTMessage> => ({ [answer]: [entryOf(wanted, [])] }) })
  const mute = await Promise.all([1, 2, 3].map(async () => scriptedPeer({ script: () => undefined })))
  const others = await Promise.all([1, 2, 3].map(async () => scriptedPeer({ script: () => ({}) })))
  await meet(node, knows, ...mute, ...others)
  await Promise.all(others.map(async ({ peerId }) => node.node.hangUp(peerId)))

  for await (const event of run(node, wanted)) {
    if (event.name === 'FINAL_PEER' || event.name === 'PROVIDER') {
      break
    }
  }

  expect(steps.flatMap(({ actions }) => actions).filter(action => action.type === 'query').map(({ peer }) => peer).sort())
    .toEqual([knows, ...mute].map(({ peerId }) => peerId.toString()).sort())
})

function openStreams ({ node }: ScoredNode, peer: PeerId): number {
  return node.getConnections(peer)
    .flatMap(({ streams }) => streams)
    .filter(({ protocol, status }) => protocol === PROTOCOL && status === 'open').length
}
