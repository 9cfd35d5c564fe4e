import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { named } from '../../conformance/named.ts'
import { ids } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../scripted-peer.ts'
import { countingNode, meet } from '../test-node.ts'
import type { LookupStep } from '../../../src/libp2p/lookup/lookup-runner.ts'
import type { ScoredNode } from '../test-node.ts'
import type { QueryEvent } from '@libp2p/kad-dht'

const KEY = Uint8Array.of(1, 2, 3)

/** Reads what the lookup tells while it goes on */
function running (lookup: AsyncIterable<QueryEvent>): { events: QueryEvent[], done: Promise<void> } {
  const events: QueryEvent[] = []
  const done = (async () => {
    for await (const event of lookup) {
      events.push(event)
    }
  })()
  done.catch(() => {})

  return { events, done }
}

function closest (events: QueryEvent[]): string[] {
  return ids(named(events, 'FINAL_PEER').map(({ peer }) => peer))
}

describe('a lookup', () => {
  test('of a DHT that is stopped is an error', async () => {
    const { dht } = await countingNode()
    await dht.stop()

    await expect(all(dht.getClosestPeers(KEY))).rejects.toThrow('QueryManager not started')
  })

  test('finds who is named', async () => {
    const [known, other] = [await scriptedPeer(), await scriptedPeer()]
    known.script = () => ({ closer: [entryOf(other.peerId, other.node.getMultiaddrs())] })
    const node = await countingNode()
    await meet(node, known)

    expect(closest(await all(node.dht.getClosestPeers(KEY)))).toEqual(ids([known, other]))
  })

  test('waits for a first peer', async () => {
    const node = await countingNode({ allowQueryWithZeroPeers: false })
    node.dht.queryManager.initialQuerySelfHasRun = undefined
    const peer = await scriptedPeer()
    const { events, done } = running(node.dht.getClosestPeers(KEY))
    await new Promise(resolve => { setTimeout(resolve, 50) })
    expect(events).toEqual([])

    await meet(node, peer)
    await done
    expect(closest(events)).toEqual(ids([peer]))
  })

  test('waits for the first self-query, unless it is that one', async () => {
    const node = await countingNode()
    const peer = await scriptedPeer()
    await meet(node, peer)
    const selfQuery = node.dht.queryManager.initialQuerySelfHasRun = Promise.withResolvers<void>()
    const { events, done } = running(node.dht.getClosestPeers(KEY))
    expect(closest(await all(node.dht.getClosestPeers(KEY, { isSelfQuery: true } as object)))).toEqual(ids([peer]))
    expect(events).toEqual([])

    selfQuery.resolve()
    await done
    expect(closest(events)).toEqual(ids([peer]))
  })

  test('waits for neither where enough good peers are known', async () => {
    const node = await countingNode({ kBucketSize: 1 })
    const peer = await scriptedPeer()
    await meet(node, peer)
    await vi.waitFor(() => { expect(node.dht.scores.counts().good).toBe(1) })
    node.dht.queryManager.initialQuerySelfHasRun = Promise.withResolvers<void>()

    expect(closest(await all(node.dht.getClosestPeers(KEY)))).toEqual(ids([peer]))
  })

  test('with nobody to ask ends with nothing', async () => {
    const node = await countingNode()
    node.dht.queryManager.initialQuerySelfHasRun = undefined

    expect(closest(await all(node.dht.getClosestPeers(KEY)))).toEqual([])
  })

  test('tells of each step, the first with what it began with', async () => {
    const steps: LookupStep[] = []
    const node = await countingNode({}, {}, { onLookupStep: step => { steps.push(step) } })
    await meet(node, await scriptedPeer())
    await all(node.dht.getClosestPeers(KEY))

    expect(steps.map(({ key }) => key)).toEqual(steps.map(() => KEY))
    expect(steps.map(({ init }) => init !== undefined)).toEqual(steps.map(({ event }) => event.type === 'started'))
    expect(steps[0].event.type).toBe('started')
    expect(steps.flatMap(({ actions }) => actions).filter(({ type }) => type === 'finish')).toHaveLength(1)
  })

  test('ends without an error when the node stops', async () => {
    const { node, events, done } = await waitingForSilence()
    await node.dht.stop()
    await done

    expect(events.some(({ name }) => name === 'FINAL_PEER')).toBe(false)
  })
})

/** A lookup that waits for a peer that says nothing */
async function waitingForSilence (): Promise<{ node: ScoredNode, events: QueryEvent[], done: Promise<void> }> {
  const node = await countingNode({}, {}, { parameters: { minSoftDeadlineMs: 4_000 } })
  const silent = await scriptedPeer({ script: () => undefined })
  await meet(node, silent)
  const lookup = running(node.dht.getClosestPeers(KEY))
  await vi.waitFor(() => { expect(silent.requests).toHaveLength(1) })

  return { node, ...lookup }
}
