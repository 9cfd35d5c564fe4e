import { Libp2pRecord } from '@libp2p/record'
import all from 'it-all'
import { scriptedPeer } from '../libp2p/scripted-peer.ts'
import { countingNode, meet } from '../libp2p/test-node.ts'
import type { Script, ScriptedPeer } from '../libp2p/scripted-peer.ts'
import type { ScoredNode } from '../libp2p/test-node.ts'

const KEY = new TextEncoder().encode('/test/key')

/** Of which 4 are the quorum */
const K = 5

/** Less than any peer that does not answer is waited for, and much more than an answer takes */
export const SOON_MS = 1500

/** Answers reads with a record of this version, the higher the newer */
export function holds (version: number): Script {
  const record = new Libp2pRecord(KEY, Uint8Array.of(version), new Date()).serialize() as Uint8Array<ArrayBuffer>

  return ({ type, record: put }) => type === 'PUT_VALUE' ? { record: put } : { record }
}

/** A node that has met these peers and nobody else */
export async function among (...scripts: Script[]): Promise<{ node: ScoredNode, peers: ScriptedPeer[] }> {
  const node = await countingNode({
    kBucketSize: K,
    validators: { test: async () => {} },
    selectors: { test: (_, records) => records.reduce((best, record, index) => record[0] > records[best][0] ? index : best, 0) }
  })
  const peers = await Promise.all(scripts.map(async script => scriptedPeer({ script })))
  await meet(node, ...peers)

  return { node, peers }
}

/** The versions that a read gives */
export async function versionsRead ({ node }: ScoredNode): Promise<number[]> {
  const events = await all(node.services.dht.get(KEY))

  return events.flatMap(event => event.name === 'VALUE' ? [event.value[0]] : [])
}
