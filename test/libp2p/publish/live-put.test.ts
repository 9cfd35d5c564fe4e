import { peerIdFromMultihash } from '@libp2p/peer-id'
import all from 'it-all'
import drain from 'it-drain'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, test, vi } from 'vitest'
import { named } from '../../conformance/named.ts'
import { errorsTo } from '../errors-to.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet } from '../test-node.ts'
import type { Script, ScriptedPeer } from '../scripted-peer.ts'
import type { ScoredNode } from '../test-node.ts'
import type { QueryEvent } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')
const VALUE = Uint8Array.of(1)
const CONTENT = CID.createV1(raw.code, Digest.decode(Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))))

/** A put waits for 4 of them */
const K = 5

/** Less than any peer that does not answer is waited for, and much more than an answer takes */
const SOON_MS = 1500

/** Keeps values, as a server does */
const SERVER: Script = ({ type, record }) => type === 'ADD_PROVIDER' ? undefined : { record: type === 'PUT_VALUE' ? record : undefined }

/** Answers everything but a put */
const KEEPS_NOTHING: Script = ({ type }) => type === 'PUT_VALUE' || type === 'ADD_PROVIDER' ? undefined : {}

async function among (scripts: Script[], errors: string[] = []): Promise<{ node: ScoredNode, peers: ScriptedPeer[] }> {
  const node = await countingNode({ kBucketSize: K }, { logger: errorsTo(errors) })
  const peers = await Promise.all(scripts.map(async script => scriptedPeer({ script })))
  await meet(node, ...peers)

  return { node, peers }
}

/** After these lookups the node knows how many servers there are: all of its peers are near */
async function getToKnow ({ node }: ScoredNode): Promise<void> {
  for (let lookup = 0; lookup < 30; lookup++) {
    await drain(node.services.dht.getClosestPeers(Uint8Array.of(lookup)))
  }
}

function requestsOf (peer: ScriptedPeer): string[] {
  return peer.requests.map(({ type }) => type)
}

function storedWith (events: QueryEvent[], name: 'PUT_VALUE' | 'ADD_PROVIDER'): string[] {
  return named(events, 'PEER_RESPONSE').filter(({ messageName }) => messageName === name).map(({ from }) => from.toString())
}

describe('a put of a value', () => {
  test('returns when 4 of 5 holders have it, and gives it to the last one later', async () => {
    const late = Promise.withResolvers<void>()
    const { node, peers } = await among([SERVER, SERVER, SERVER, SERVER, async request => {
      await (request.type === 'PUT_VALUE' ? late.promise : undefined)
      return { record: request.record }
    }])
    const progress: string[] = []
    const events = await all(node.node.services.dht.put(KEY, VALUE, { signal: AbortSignal.timeout(SOON_MS), onProgress: ({ type, detail }: CustomEvent<QueryEvent>) => { if (type === 'kad-dht:query:peer-response' && detail.name === 'PEER_RESPONSE' && detail.messageName === 'PUT_VALUE') { progress.push(detail.from.toString()) } } }) as AsyncIterable<QueryEvent>)

    expect(storedWith(events, 'PUT_VALUE').toSorted()).toEqual(peers.slice(0, 4).map(({ peerId }) => peerId.toString()).toSorted())

    late.resolve()
    await vi.waitFor(() => { expect(progress).toContain(peers[4].peerId.toString()) })
  })

  test('says in the log how far it came when its signal is aborted, and throws the signal\'s reason', async () => {
    const errors: string[] = []
    const { node } = await among([SERVER, SERVER, KEEPS_NOTHING, KEEPS_NOTHING, KEEPS_NOTHING], errors)
    const controller = new AbortController()
    const reason = new Error('no longer wanted')
    let stored = 0

    await expect(async () => {
      for await (const event of node.dht.put(KEY, VALUE, { signal: controller.signal })) {
        stored += event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE' ? 1 : 0

        if (stored === 2) {
          controller.abort(reason)
        }
      }
    }).rejects.toBe(reason)

    expect(errors.filter(error => error.includes('gave up a put when 2 peers held the record'))).toHaveLength(1)
  })

  test('ends with its consumer: nobody is asked to store it after that', async () => {
    const { node, peers } = await among([SERVER, SERVER, SERVER, SERVER, SERVER])

    for await (const event of node.dht.put(KEY, VALUE)) {
      if (event.name === 'PEER_RESPONSE') {
        break
      }
    }

    await drain(node.node.services.dht.getClosestPeers(KEY))
    expect(peers.flatMap(requestsOf)).not.toContain('PUT_VALUE')
  })

  test('throws what the caller\'s progress function throws, and hangs for nobody', async () => {
    const { node } = await among([SERVER, SERVER, SERVER, SERVER, SERVER])
    const onProgress = ({ detail }: CustomEvent<QueryEvent>): void => {
      if (detail?.name === 'FINAL_PEER') {
        throw new Error('of the caller')
      }
    }

    await Promise.race([
      all(node.node.services.dht.provide(CONTENT, { onProgress })).catch(() => {}),
      new Promise((_resolve, reject) => { setTimeout(() => { reject(new Error('it hangs')) }, 4_000) })
    ])
  })

  test('reports a peer that refuses it, and counts only those that echo it', async () => {
    const refused = Promise.withResolvers<void>()
    const slow: Script = async request => {
      await (request.type === 'PUT_VALUE' ? refused.promise : undefined)
      return SERVER(request, undefined as never) as object
    }
    const { node, peers } = await among([slow, slow, slow, slow, ({ type }) => {
      setTimeout(() => { if (type === 'PUT_VALUE') { refused.resolve() } }, 100)
      return {}
    }])
    const events = await all(node.dht.put(KEY, VALUE))

    expect(named(events, 'QUERY_ERROR').map(({ from, error }) => [from.toString(), error.message])).toEqual([[peers[4].peerId.toString(), 'Value not put correctly']])
  })
})

describe('a provide', () => {
  test('is confirmed: each holder is asked for the providers behind the record, on the same stream', async () => {
    const { node, peers } = await among([SERVER, SERVER, SERVER, SERVER, SERVER])
    const before = peers.map(({ streams }) => streams)
    const events = await all(node.dht.provide(CONTENT, { signal: AbortSignal.timeout(SOON_MS) }))

    expect(storedWith(events, 'ADD_PROVIDER').length).toBeGreaterThanOrEqual(4)
    await vi.waitFor(() => { expect(peers.map(requestsOf)).toEqual(new Array(K).fill(['FIND_NODE', 'ADD_PROVIDER', 'GET_PROVIDERS'])) })
    expect(peers.map(({ streams }, i) => streams - before[i])).toEqual(new Array(K).fill(2))
  })

  test('sends the record ahead of the question where it knows who is near', async () => {
    const { node, peers } = await among([SERVER, SERVER, SERVER, SERVER, SERVER])
    await getToKnow(node)
    peers.forEach(peer => { peer.requests.length = 0 })

    const events = await all(node.dht.provide(CONTENT, { signal: AbortSignal.timeout(SOON_MS) }))

    expect(storedWith(events, 'ADD_PROVIDER').length).toBeGreaterThanOrEqual(4)
    expect(named(events, 'FINAL_PEER').length).toBeGreaterThanOrEqual(4)
    await vi.waitFor(() => { expect(peers.map(requestsOf)).toEqual(new Array(K).fill(['ADD_PROVIDER', 'FIND_NODE'])) })
    expect(peers.map(({ requests: [{ providers: [self] }] }) => [self.multiaddrs.length, peerIdFromMultihash(Digest.decode(self.id)).toString()])).toEqual(new Array(K).fill([1, node.node.peerId.toString()]))
  })

  test('counts no peer that is silent behind the record', async () => {
    const silent: Script = ({ type }) => type === 'FIND_NODE' ? {} : undefined
    const { node, peers } = await among([SERVER, SERVER, SERVER, SERVER, silent])
    const events = await all(node.dht.provide(CONTENT, { signal: AbortSignal.timeout(SOON_MS) }))

    expect(storedWith(events, 'ADD_PROVIDER')).not.toContain(peers[4].peerId.toString())
  })

  test('of a key that is no SHA2-256 multihash is not confirmed, as js servers break the stream then', async () => {
    const { node, peers } = await among([SERVER, SERVER, SERVER, SERVER, SERVER])
    await getToKnow(node)
    peers.forEach(peer => { peer.requests.length = 0 })
    const identity = CID.createV1(raw.code, Digest.decode(Uint8Array.of(0, 3, 1, 2, 3)))

    expect(storedWith(await all(node.dht.provide(identity)), 'ADD_PROVIDER').length).toBeGreaterThanOrEqual(4)
    await vi.waitFor(() => { expect(peers.map(requestsOf)).toEqual(new Array(K).fill(['FIND_NODE', 'ADD_PROVIDER'])) })
  })

  test('ends when the DHT stops, without an error', async () => {
    const { node } = await among([KEEPS_NOTHING, ({ type }) => type === 'FIND_NODE' ? {} : undefined, ({ type }) => type === 'FIND_NODE' ? {} : undefined])
    const provide = drain(node.dht.provide(CONTENT))
    await new Promise(resolve => setTimeout(resolve, 200))
    await node.node.stop()

    await expect(provide).resolves.toBeUndefined()
  })
})
