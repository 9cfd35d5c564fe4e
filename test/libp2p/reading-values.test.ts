import { Libp2pRecord } from '@libp2p/record'
import all from 'it-all'
import { describe, expect, it } from 'vitest'
import { scriptedPeer } from './scripted-peer.ts'
import { countingNode, meet } from './test-node.ts'
import type { Script, ScriptedPeer } from './scripted-peer.ts'
import type { ScoredNode } from './test-node.ts'

const KEY = new TextEncoder().encode('/test/key')

/** Of which 4 are the quorum */
const K = 5

/** Less than any peer that does not answer is waited for, and much more than an answer takes */
const SOON_MS = 1500

/** Answers reads with a record of this version, the higher the newer */
function holds (version: number): Script {
  const record = new Libp2pRecord(KEY, Uint8Array.of(version), new Date()).serialize() as Uint8Array<ArrayBuffer>

  return ({ type, record: put }) => type === 'PUT_VALUE' ? { record: put } : { record }
}

/** Never answers a read */
const isMute: Script = ({ type }) => type === 'GET_VALUE' ? undefined : {}

/** A node that has met these peers and nobody else */
async function among (...scripts: Script[]): Promise<{ node: ScoredNode, peers: ScriptedPeer[] }> {
  const node = await countingNode({
    kBucketSize: K,
    validators: { test: async () => {} },
    selectors: { test: (_, records) => records.reduce((best, record, index) => record[0] > records[best][0] ? index : best, 0) }
  })
  const peers = await Promise.all(scripts.map(async script => scriptedPeer({ script })))
  await meet(node, ...peers)

  return { node, peers }
}

async function versionsRead ({ node }: ScoredNode): Promise<number[]> {
  const events = await all(node.services.dht.get(KEY))

  return events.flatMap(event => event.name === 'VALUE' ? [event.value[0]] : [])
}

describe('a read', () => {
  it('answers when four fifths of k have given a value, and ends its lookup', async () => {
    const { node } = await among(holds(1), holds(1), holds(1), holds(1), isMute)
    const startedAt = Date.now()

    expect(await versionsRead(node)).toEqual([1])
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS)
  })

  it('of fewer holders answers at the end of its lookup, with the newest of all that answer', async () => {
    const { node } = await among(holds(1), holds(1), ({ type, record }, stream) => new Promise(resolve => {
      setTimeout(() => { resolve(holds(2)({ type, record, closer: [], providers: [] }, stream) as object) }, SOON_MS)
    }))

    expect(await versionsRead(node)).toEqual([2])
  })

  it('gives the newest of the values and corrects holders of older ones', async () => {
    const { node, peers } = await among(holds(1), holds(1), holds(1), holds(2))

    expect(await versionsRead(node)).toEqual([2])

    const corrections = (): number[] => peers.map(({ requests }) => requests.filter(({ type }) => type === 'PUT_VALUE').length)
    await expect.poll(corrections).toEqual([1, 1, 1, 0])
  })

  it('neither waits for a holder that takes no correction nor fails with it', async () => {
    const stubborn: Script = (request, stream) => request.type === 'PUT_VALUE' ? undefined : holds(1)(request, stream)
    const { node } = await among(stubborn, stubborn, holds(2))
    const startedAt = Date.now()

    expect(await versionsRead(node)).toEqual([2])
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS)
  })
})
