import { generateKeyPair } from '@libp2p/crypto/keys'
import { kadDHT } from '@libp2p/kad-dht'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import drain from 'it-drain'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, onTestFinished, test, vi } from 'vitest'
import { KadDHTAdmission } from '../../benchmarks/simulator/clients/kad-dht/kad-dht-admission.ts'
import { ScoredClient } from '../../benchmarks/simulator/clients/scored/scored-client.ts'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { PeerRequest } from '../../src/lookup/peer-request.ts'
import { SmallNetwork } from '../benchmarks/simulator/clients/small-network.ts'
import { TestNetwork } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { recordLife } from './life-recorder.ts'
import { partlyDeadPeers } from './partly-dead-peers.ts'
import { scored } from './test-node.ts'
import type { Told } from './life-recorder.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { LookupRun } from '../../src/lookup/lookup-run.ts'
import type { LookupTask } from '../../src/lookup/lookups.ts'
import type { KBucketEntry } from '../../src/routing-table/k-buckets.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { PeerId } from '@libp2p/interface'

const SEED = 11
const K = 8
const LOOKUPS = 5
/** As a peer id of the tests is printed */
const PEER_ID = /^12D3Koo\w{45}$/
const PEERS = { live: 16, slow: 2, silent: 4, refusing: 4 }

/** A node and a node that starts again from what it stored, each with all that the world told it */
interface Lives {
  self: PeerId
  first: Told[]
  second: Told[]
}

test('a live node and the simulated one decide the same when they are told the same', async () => {
  const { self, first, second } = await record()
  const selfKadId = await kadIdOf(self.toMultihash().bytes)

  expect(kindsOf(first)).toEqual(expect.arrayContaining(['buckets.added', 'table.candidates', 'lookups.factsOf', 'lookups.lookup', 'request.advance', 'request.begin', 'run.advance', 'upkeep.advance']))
  expect(factsOf(first)).toEqual(expect.arrayContaining(['asked', 'failed', 'introduced', 'lookupBegan', 'lookupEnded', 'named', 'responded', 'settled', 'signOfLife', 'started', 'timerFired']))
  expect(kindsOf(second)).toContain('table.restore')
  expect(factsOf(second)).toEqual(expect.arrayContaining(['dialled', 'ready', 'responded']))

  for (const life of [first, second]) {
    const told = numbered(life, numberPeers(life, self))

    expect(replayed(told, kadIdsOf(told), selfKadId)).toEqual(told.map(({ result }) => result))
  }
}, 120_000)

async function record (): Promise<Lives> {
  const network = new TestNetwork(kadDHT)
  onTestFinished(async () => { await network.stop() })
  const location = await temporaryDirectory()
  const privateKey = await generateKeyPair('Ed25519')
  const peers = await partlyDeadPeers(network, PEERS)
  const start = async (): Promise<TestNode> => network.createNode(
    { clientMode: true, kBucketSize: K },
    { privateKey },
    // the simulated node keeps no connections by tags
    scored({ location, random: seededRandom(), keepAlivePeers: 0 })
  )

  const first = await liveWith(start, async (node, life) => {
    await node.dial(peers[0].multiaddrs)
    await lookUp(node)
    await vi.waitFor(() => { expect(factsOf(life)).toContain('introduced') }, { timeout: 20_000 })
    await lookUp(node)
  })
  const second = await liveWith(start, async (node, life) => {
    await vi.waitFor(() => { expect(factsOf(life)).toContain('dialled') }, { timeout: 20_000 })
    await lookUp(node)
  })

  return { self: peerIdFromPrivateKey(privateKey), first, second }
}

/** All that a node is told until it is to stop */
async function liveWith (start: () => Promise<TestNode>, live: (node: TestNode, life: Told[]) => Promise<void>): Promise<Told[]> {
  const { life, stop } = recordLife()

  try {
    const node = await start()
    await live(node, life)
    const told = [...life]
    await node.stop()

    return told
  } finally {
    stop()
  }
}

async function lookUp (node: TestNode): Promise<void> {
  for (let i = 0; i < LOOKUPS; i++) {
    await drain(node.services.dht.getClosestPeers(Uint8Array.of(SEED, i)))
  }
}

function kindsOf (life: Told[]): string[] {
  return [...new Set(life.map(({ part, method }) => `${part}.${method}`))]
}

function factsOf (life: Told[]): string[] {
  return [...new Set(life.flatMap(({ method, args: [fact] }) => method === 'advance' ? [(fact as { type: string }).type] : []))]
}

/** What the simulated node says to the same */
function replayed (life: Told[], kadIds: Map<number, KadId>, kadId: KadId): unknown[] {
  // who enters the buckets when is a matter of kad-dht's, and part of what is told
  const admission = vi.spyOn(KadDHTAdmission.prototype, 'answered').mockImplementation(() => {})
  const { components } = new SmallNetwork({ k: K })
  const kadIdOfPeer = (peer: number): KadId => kadIds.get(peer) ?? expect.fail(`nobody knows peer ${peer}`)
  const client = new ScoredClient({
    ...components,
    kadId,
    random: seededRandom(),
    world: { ...components.world, population: { ...components.world.population, kadId: kadIdOfPeer } }
  })
  const runs = new Map<number, LookupRun<number>>()
  const requests = new Map<number, PeerRequest<number>>()

  try {
    return life.map(told => tell(told))
  } finally {
    admission.mockRestore()
  }

  function tell ({ part, method, id = -1, args, result }: Told): unknown {
    switch (`${part}.${method}`) {
      case 'buckets.added':
        client.buckets.add((args[0] as { peerId: number }).peerId, 0)
        return undefined
      case 'buckets.removed':
        client.buckets.remove((args[0] as { peerId: number }).peerId)
        return undefined
      case 'lookups.lookup': {
        const run = client.lookups.lookup({ ...args[0] as LookupTask<number>, before: undefined, onEnd: () => {} }, args[1] as number)

        if (run !== undefined && result !== undefined) {
          runs.set((result as { run: number }).run, run)
        }

        return run === undefined ? undefined : result
      }
      case 'request.begin':
        requests.set(id, new PeerRequest({ entry: args[0] as KBucketEntry<number>, startedAt: args[1] as number, table: client.table }))
        return undefined
      default: {
        const target = { table: client.table, scores: client.table.scores, lookups: client.lookups, run: runs.get(id), request: requests.get(id), upkeep: client.upkeep, buckets: undefined }[part]

        return structuredClone(Reflect.get(target ?? expect.fail(`no ${part} ${id}`), method).apply(target, args))
      }
    }
  }
}

/** Handles of the simulation: a number for each peer that is ever told of, as that of ourselves is -1 */
function numberPeers (life: Told[], self: PeerId): Map<string, number> {
  const numbers = new Map([[self.toString(), -1]])

  walk(life, value => {
    if (typeof value === 'string' && PEER_ID.test(value) && !numbers.has(value)) {
      numbers.set(value, numbers.size - 1)
    }
  })

  return numbers
}

function kadIdsOf (life: unknown): Map<number, KadId> {
  const kadIds = new Map<number, KadId>()

  walk(life, value => {
    if (typeof value === 'object' && value !== null && 'kadId' in value) {
      const { peer, peerId, kadId } = value as { peer?: number, peerId?: number, kadId: KadId }
      kadIds.set(peer ?? peerId ?? NaN, kadId)
    }
  })

  return kadIds
}

function walk (value: unknown, visit: (value: unknown) => void): void {
  visit(value)

  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    (value instanceof Set ? [...value] : Object.values(value)).forEach(member => { walk(member, visit) })
  }
}

/** The same with numbers for peers */
function numbered<T> (value: T, numbers: Map<string, number>): T
function numbered (value: unknown, numbers: Map<string, number>): unknown {
  if (typeof value === 'string') {
    // reasons are sentences
    return numbers.get(value) ?? value
  }

  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
    return value
  }

  if (value instanceof Set) {
    return new Set(Array.from(value, member => numbered(member, numbers)))
  }

  return Array.isArray(value) ? value.map(member => numbered(member, numbers)) : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, numbered(member, numbers)]))
}

function seededRandom (): () => number {
  const generator = xoroshiro128plus(SEED)

  return () => uniformFloat64(generator)
}
