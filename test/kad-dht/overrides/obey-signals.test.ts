import { contentRoutingSymbol, peerRoutingSymbol } from '@libp2p/interface'
import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scoredKadDHT } from '../../../src/index.ts'
import { TestNetwork, waitForTable } from '../../conformance/test-network.ts'
import { entryOf, scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { countingNode, meet, strangerId } from '../../libp2p/test-node.ts'
import type { TestNode } from '../../conformance/test-network.ts'
import type { LookupStep } from '../../../src/index.ts'
import type { AbortOptions, ContentRouting, Libp2p, PeerId, PeerRouting } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

const KEY = new TextEncoder().encode('/test/key')
const CONTENT = CID.createV1(raw.code, Digest.decode(Uint8Array.of(0x12, 0x20, ...new Uint8Array(32).fill(7))))
const SERVERS = 6

/** The whole lookup takes less, ms */
const LOOKUP_MS = 300

/** With the routers that libp2p takes from it */
type DHT = TestNode['services']['dht'] & { [contentRoutingSymbol]: ContentRouting, [peerRoutingSymbol]: PeerRouting }

class Reason extends Error {
  override name = 'Reason'
}

interface Operation {
  operation: string
  run: (dht: DHT, options: AbortOptions, stranger: PeerId) => AsyncIterable<unknown>
}

const LOOKUPS: Operation[] = [
  { operation: 'getClosestPeers', run: (dht, options) => dht.getClosestPeers(KEY, options) },
  { operation: 'findPeer', run: (dht, options, stranger) => dht.findPeer(stranger, { useCache: false, ...options }) },
  { operation: 'findProviders', run: (dht, options) => dht.findProviders(CONTENT, options) },
  { operation: 'get', run: (dht, options) => dht.get(KEY, options) }
]

/** kad-dht goes on telling what these have in store */
const STORES: Operation[] = [
  { operation: 'put', run: (dht, options) => dht.put(KEY, Uint8Array.of(1), options) },
  { operation: 'provide', run: (dht, options) => dht.provide(CONTENT, options) }
]

const PROMISED: Array<{ operation: string, run: (dht: DHT, options: AbortOptions, stranger: PeerId) => Promise<unknown> }> = [
  { operation: 'content routing\'s get', run: async (dht, options) => dht[contentRoutingSymbol].get?.(KEY, options) },
  { operation: 'content routing\'s put', run: async (dht, options) => dht[contentRoutingSymbol].put?.(KEY, Uint8Array.of(1), options) },
  { operation: 'content routing\'s provide', run: async (dht, options) => dht[contentRoutingSymbol].provide?.(CONTENT, options) },
  { operation: 'content routing\'s findProviders', run: async (dht, options) => all(dht[contentRoutingSymbol].findProviders?.(CONTENT, options) ?? []) },
  { operation: 'peer routing\'s findPeer', run: async (dht, options, stranger) => dht[peerRoutingSymbol].findPeer?.(stranger, { useCache: false, ...options }) },
  { operation: 'peer routing\'s getClosestPeers', run: async (dht, options) => all(dht[peerRoutingSymbol].getClosestPeers?.(KEY, options) ?? []) }
]

const WAYS = [
  { way: 'an abort', name: 'AbortError', signal: () => abortedBy() },
  { way: 'an abort with a reason of its own', name: 'Reason', signal: () => abortedBy(new Reason()) },
  { way: 'a time-out', name: 'TimeoutError', signal: () => ({ signal: AbortSignal.timeout(LOOKUP_MS), abort: async (signal: AbortSignal) => { await once(signal) } }) }
]

describe.each([
  { service: 'kadDHT', factory: kadDHT, operations: LOOKUPS },
  { service: 'scoredKadDHT', factory: scoredKadDHT, operations: [...LOOKUPS, ...STORES] }
])('the signals of $service', ({ factory, operations }) => {
  let network: TestNetwork
  let node: TestNode
  let silent: Libp2p
  let stranger: PeerId

  beforeAll(async () => {
    network = await new TestNetwork(factory).start(SERVERS)
    node = await network.join()
    silent = await network.addStallingPeer()
    stranger = await strangerId()
  })

  afterAll(async () => {
    await network.stop()
  })

  // each waits most of its time
  describe.concurrent.each(operations)('$operation', ({ run }) => {
    test.each(WAYS)('tells nothing more after $way, however far its consumer is behind', async ({ name, signal: make }) => {
      const { signal, abort } = make()
      let events = 0

      await expect(read(run(routed(node), { signal }, stranger), async () => {
        if (++events === 3) {
          // the lookup runs ahead, ours to its end
          await pause(LOOKUP_MS)
          await abort(signal)
        }
      })).rejects.toMatchObject({ name })
      expect(events).toBe(3)
    })

    test.each(WAYS)('ends at once with $way while it waits for a silent peer', async ({ signal: make }) => {
      const stalled = await stalledNode()
      const { signal, abort } = make()
      const aborting = pause(LOOKUP_MS).then(async () => abort(signal))
      let eventsAfter = 0

      await expect(read(run(routed(stalled), { signal }, stranger), () => { eventsAfter += signal.aborted ? 1 : 0 })).rejects.toMatchObject({ name: 'AbortError' })
      expect(eventsAfter).toBe(0)
      await aborting
    })

    test('begins nothing with a signal that was aborted before', async () => {
      let events = 0

      await expect(read(run(routed(node), { signal: AbortSignal.abort(new Reason()) }, stranger), () => { events++ })).rejects.toMatchObject({ name: 'Reason' })
      expect(events).toBe(0)
    })

    test.each(WAYS)('ends with $way while it waits for a first peer', async ({ name, signal: make }) => {
      const alone = await network.createNode({ clientMode: true })
      const { signal, abort } = make()
      const aborting = pause(LOOKUP_MS).then(async () => abort(signal))

      await expect(read(run(routed(alone), { signal }, stranger))).rejects.toMatchObject({ name })
      await aborting
    })

    test('ends with an abort while it waits for the first self-query', async () => {
      const early = await network.join({ initialQuerySelfInterval: 3_600_000 })
      const { signal, abort } = abortedBy(new Reason())
      const aborting = pause(LOOKUP_MS).then(async () => abort())

      await expect(read(run(routed(early), { signal }, stranger))).rejects.toMatchObject({ name: 'Reason' })
      await aborting
    })
  })

  test.concurrent.each(PROMISED)('the $operation rejects with an abort while it waits for a silent peer', async ({ run }) => {
    const stalled = await stalledNode()
    const { signal, abort } = abortedBy(new Reason())
    const aborting = pause(LOOKUP_MS).then(async () => abort())

    await expect(run(routed(stalled), { signal }, stranger)).rejects.toMatchObject({ name: 'AbortError' })
    await aborting
  })

  /** One that knows nobody but a peer which never answers, and has not learned that yet */
  async function stalledNode (): Promise<TestNode> {
    const stalled = await network.createNode({ clientMode: true, allowQueryWithZeroPeers: true, initialQuerySelfInterval: 3_600_000 })
    await stalled.dial(silent.getMultiaddrs())
    await waitForTable(stalled, 1)

    return stalled
  }
})

describe('an operation of scoredKadDHT whose consumer is far behind', () => {
  test.each([...LOOKUPS, ...STORES])('tells of nothing but the closest peers found once the node stops: $operation', async ({ run }) => {
    const node = await countingNode()
    await meet(node, ...await Promise.all([1, 2, 3].map(async () => scriptedPeer({ script: ({ record }) => ({ record }) }))))
    const names: unknown[] = []
    let stopped = false

    await read(run(routed(node.node), {}, await strangerId()), async event => {
      if (stopped) {
        names.push((event as QueryEvent).name)
      } else {
        await pause(LOOKUP_MS)
        await node.node.stop()
        stopped = true
      }
    }).catch(err => { expect(err.name).toBe('NotFoundError') })

    expect(stopped).toBe(true)
    expect(names.filter(name => name !== 'FINAL_PEER')).toEqual([])
  })

  test('tells of no further closest peer after an abort: the peer routing', async () => {
    const node = await countingNode()
    await meet(node, ...await Promise.all([1, 2, 3].map(async () => scriptedPeer())))
    const { signal, abort } = abortedBy(new Reason())
    let peers = 0

    await expect(read(routed(node.node)[peerRoutingSymbol].getClosestPeers?.(KEY, { signal }) ?? [], async () => {
      peers++
      await abort()
    })).rejects.toMatchObject({ name: 'Reason' })
    expect(peers).toBe(1)
  })

  test('a put whose holders are silent rejects when its signal is aborted, and resolves for nobody', async () => {
    const node = await countingNode()
    const holders = await silentHolders()
    await meet(node, ...holders)
    const { signal, abort } = abortedBy(new Reason())

    const put = expect(routed(node.node)[contentRoutingSymbol].put?.(KEY, Uint8Array.of(1), { signal })).rejects.toMatchObject({ name: 'Reason' })
    await expect.poll(() => holders.map(({ requests }) => requests.at(-1)?.type)).toEqual(['PUT_VALUE', 'PUT_VALUE'])
    await abort()
    await put
  })
})

test('a refresh of the routing table asks nobody more after its signal was aborted', async () => {
  const steps: LookupStep[] = []
  const node = await countingNode({}, {}, { onLookupStep: step => { steps.push(step) } })
  // enough for several parts of the table
  await meet(node, await scriptedPeer({ script: () => undefined }), ...await Promise.all([1, 2, 3, 4, 5].map(async () => scriptedPeer())))
  const { signal, abort } = abortedBy(new Reason())

  await node.dht.refreshRoutingTable({ signal })
  await expect.poll(() => steps.filter(({ event }) => event.type === 'softDeadlinePassed')).toHaveLength(1)
  await abort()

  expect(steps.at(-1)?.event.type).toBe('cancelled')
  await pause(LOOKUP_MS)
  expect(steps.filter(({ event }) => event.type === 'started')).toHaveLength(1)
})

/** They name each other and answer to no put */
async function silentHolders (): Promise<Array<Awaited<ReturnType<typeof scriptedPeer>>>> {
  const holders = await Promise.all([1, 2].map(async () => scriptedPeer()))

  for (const holder of holders) {
    holder.script = ({ type }) => type === 'PUT_VALUE' ? undefined : { closer: holders.map(({ node }) => entryOf(node.peerId, node.getMultiaddrs())) }
  }

  return holders
}

function routed ({ services: { dht } }: TestNode): DHT {
  return dht as DHT
}

function abortedBy (reason?: Error): { signal: AbortSignal, abort: (signal?: AbortSignal) => Promise<void> } {
  const controller = new AbortController()

  return { signal: controller.signal, abort: async () => { controller.abort(reason) } }
}

async function once (signal: AbortSignal): Promise<void> {
  if (!signal.aborted) {
    await new Promise(resolve => { signal.addEventListener('abort', resolve, { once: true }) })
  }
}

async function read (events: AsyncIterable<unknown> | unknown[], onEvent: (event: unknown) => void | Promise<void> = () => {}): Promise<void> {
  for await (const event of events) {
    await onEvent(event)
  }
}

async function pause (ms: number): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ms) })
}
