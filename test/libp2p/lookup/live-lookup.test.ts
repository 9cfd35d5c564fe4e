import { EventTypes } from '@libp2p/kad-dht'
import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet, outcomesOf } from '../test-node.ts'
import type { QueryContext } from '../../../src/kad-dht/internals.ts'
import type { ScoringInit } from '../../../src/libp2p/scoring-init.ts'
import type { ScriptedPeer } from '../scripted-peer.ts'
import type { ScoredNode } from '../test-node.ts'
import type { QueryEvent } from '@libp2p/kad-dht'

const KEY = Uint8Array.of(1, 2, 3)

/** Lookups give up a slot after 60 ms, and a peer after a second */
const SHORT: ScoringInit = { parameters: { initialLatencyMs: 10, initialLatencyDeviationMs: 1, minSoftDeadlineMs: 60, maxSoftDeadlineMs: 60 } }

async function among (peers: ScriptedPeer[], scoring: ScoringInit = {}): Promise<ScoredNode> {
  const node = await countingNode({ networkDialTimeout: { minTimeout: 500 } }, {}, scoring)
  await meet(node, ...peers)
  node.dht.queryManager.initialQuerySelfHasRun = undefined

  return node
}

/** Asks a peer as kad-dht's own query functions do */
async function * find ({ dht }: ScoredNode, { peer, signal, path }: QueryContext): AsyncGenerator<QueryEvent> {
  yield * dht.network.sendRequest(peer.id, { type: 'FIND_NODE', key: KEY }, { path, signal })
}

describe('a lookup over real streams', () => {
  test('is told of a late request whose observer throws, so that others to the same peer may run on', async () => {
    const node = await among([await scriptedPeer()], SHORT)
    const signals: AbortSignal[] = []
    let ended = 0

    for (let lookups = 1; lookups <= 5; lookups++) {
      await all(node.dht.queryManager.run(KEY, async function * ({ signal }) {
        signals.push(signal)
        await new Promise(resolve => { setTimeout(resolve, 250) })
        ended++
        throw new Error('no luck')
      }, {
        signal: AbortSignal.timeout(120),
        onProgress: ({ type }) => {
          if (type.includes('query-error')) {
            throw new Error('a fault of the user\'s')
          }
        }
      })).catch(() => {})
      expect(signals.at(-1)?.aborted).toBe(false)
      await vi.waitFor(() => { expect(ended).toBe(lookups) })
      await new Promise(resolve => { setTimeout(resolve) })
    }
  })

  test('tells of each request and each answer, and of the end of each path', async () => {
    const node = await among([await scriptedPeer(), await scriptedPeer()])
    const events = await all(node.dht.queryManager.run(KEY, context => find(node, context)))
    const counts = Map.groupBy(events, ({ name }) => name)

    expect([counts.get('SEND_QUERY')?.length, counts.get('PEER_RESPONSE')?.length, counts.get('PATH_ENDED')?.length]).toEqual([2, 2, 1])
    expect(events.at(-1)).toMatchObject({ type: EventTypes.PATH_ENDED, path: { index: 0, running: 0 } })
  })

  test('hands the query function what kad-dht\'s would get', async () => {
    const peer = await scriptedPeer()
    const node = await among([peer])
    const contexts: QueryContext[] = []
    await all(node.dht.queryManager.run(KEY, context => {
      contexts.push(context)

      return find(node, context)
    }))

    expect(contexts).toMatchObject([{ key: KEY, peer: { id: peer.peerId }, path: { index: 0, running: 1, total: 1 }, numPaths: 1 }])
    expect(contexts[0].peerKadId).toHaveLength(32)
  })

  test('goes on when a query function throws, and tells of it', async () => {
    const node = await among([await scriptedPeer(), await scriptedPeer()])
    let calls = 0
    const progress: string[] = []
    const events = await all(node.dht.queryManager.run(KEY, async function * (context) {
      if (calls++ === 0) {
        throw new Error('no luck')
      }

      yield * find(node, context)
    }, { onProgress: ({ type }) => { progress.push(type) } }))

    expect(events.filter(({ name }) => name === 'QUERY_ERROR')).toMatchObject([{ error: { message: 'no luck' } }])
    expect(events.filter(({ name }) => name === 'PEER_RESPONSE')).toHaveLength(1)
    expect(progress).toContain('kad-dht:query:query-error')
    expect(progress).toContain('kad-dht:query:path-ended')
  })

  test('hands on what a callback of the user\'s throws', async () => {
    const node = await among([await scriptedPeer()])

    await expect(all(node.dht.queryManager.run(KEY, context => find(node, context), {
      onProgress: () => { throw new Error('of the user') }
    }))).rejects.toThrow('of the user')
  })

  test('gives up a peer that says nothing at its hard deadline, and counts it once', async () => {
    const silent = await scriptedPeer({ script: () => undefined })
    const node = await among([silent], SHORT)
    const before = outcomesOf(node, silent.peerId).count
    await all(node.dht.queryManager.run(KEY, context => find(node, context)))

    await vi.waitFor(() => { expect(outcomesOf(node, silent.peerId)).toEqual({ count: before + 1, last: 'timedOut' }) }, { timeout: 3_000 })
  })

  test('asks nobody more when its consumer leaves', async () => {
    const peers = await Promise.all(Array.from({ length: 3 }, async () => scriptedPeer({ script: () => undefined })))
    const node = await among(peers, { parameters: { minSoftDeadlineMs: 4_000 } })
    const signals: AbortSignal[] = []

    for await (const { name } of node.dht.queryManager.run(KEY, context => {
      signals.push(context.signal)

      return find(node, context)
    })) {
      if (name === 'SEND_QUERY') {
        break
      }
    }

    expect(signals.length).toBeGreaterThan(0)
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
  })

  test('throws an AbortError when its signal is aborted while it waits', async () => {
    const silent = await scriptedPeer({ script: () => undefined })
    const node = await among([silent], { parameters: { minSoftDeadlineMs: 4_000 } })
    const controller = new AbortController()
    const lookup = all(node.dht.queryManager.run(KEY, context => find(node, context), { signal: controller.signal })).catch((err: Error) => err.name)
    await vi.waitFor(() => { expect(silent.requests).toHaveLength(1) })
    controller.abort()

    expect(await lookup).toBe('AbortError')
  })
})
