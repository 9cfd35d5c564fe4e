import { randomBytes } from 'node:crypto'
import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { compare } from 'uint8arrays/compare'
import { xor } from 'uint8arrays/xor'
import { describe, expect, test, vi } from 'vitest'
import { named } from '../conformance/named.ts'
import { ids, PROTOCOL } from '../conformance/test-network.ts'
import { BOTH, scored, strangerId } from '../libp2p/test-node.ts'
import { foundValue } from './peers/cases/found-value.ts'
import { meet, SOON, startNode } from './peers/meet.ts'
import { NO_RUST, rustPeer } from './peers/rust-peer.ts'
import type { ProgramPeer } from './peers/program-peer.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { PeerId } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'

if (NO_RUST !== undefined) {
  console.warn(NO_RUST)
}

describe.skipIf(NO_RUST !== undefined)('a network with rust-libp2p', () => {
  // stock misses some of them now and then, as it asks only peers closer than the one that named them
  test('ours walks ten Rust servers, of which it knows one, and finds the closest', async () => {
    const k = 4
    const servers = await Promise.all(Array.from({ length: 10 }, async () => rustPeer()))

    for (const [i, server] of servers.entries()) {
      await server.connect(servers[(i + 1) % servers.length].multiaddrs[0])
    }

    // they look each other up by themselves
    await vi.waitFor(async () => {
      for (const server of servers) {
        expect(await server.table()).toHaveLength(servers.length - 1)
      }
    }, SOON)
    const node = await startNode(scored(), PROTOCOL, { clientMode: true, kBucketSize: k })
    await meet(node, servers[0])

    for (let round = 0; round < 5; round++) {
      const key = Uint8Array.from(randomBytes(32))

      expect(await closestOf(node.services.dht, key)).toEqual(await nearest(servers, key, k))
    }
  })

  test.each(Object.entries(BOTH))('a Rust client finds a provider that only %s knows, and dials it at the address that it was given', async (_, factory) => {
    const server = await startNode(factory, PROTOCOL)
    // a client is in no table
    const provider = await startNode(kadDHT, PROTOCOL, { clientMode: true })
    const seeker = await rustPeer({ mode: 'client' })
    await provider.dial(server.getMultiaddrs())
    await seeker.connect(server.getMultiaddrs()[0])
    await vi.waitFor(async () => { expect(await seeker.table()).toEqual([String(server.peerId)]) }, SOON)
    const { multihash, cid } = await block()
    await vi.waitFor(async () => {
      await all(provider.services.dht.provide(cid))
      expect((await seeker.perform({ operation: 'find-providers', key: multihash })).found).toEqual([String(provider.peerId)])
    }, SOON)

    // a search that goes on asks the providers, too
    await expect(seeker.perform({ operation: 'find-providers', key: multihash, providers: [String(await strangerId())] })).rejects.toThrow()
    expect(ids(provider.getConnections().map(({ remotePeer }) => remotePeer))).toContain(String(seeker.id))
  })

  test('Rust, stock and scored servers find each other, and the records of all', async () => {
    const rust = await Promise.all(Array.from({ length: 4 }, async () => rustPeer()))
    const stock = await Promise.all(Array.from({ length: 3 }, async () => startNode(kadDHT, PROTOCOL)))
    const ours = await Promise.all(Array.from({ length: 3 }, async () => startNode(scored(), PROTOCOL)))
    const members = [...rust.map(ofRust), ...stock.map(ofJs), ...ours.map(ofJs)]
    await connectAll(members)
    const everybody = members.map(({ id }) => String(id)).sort()

    // one of each kind
    for (const member of [members[0], members[4], members[7]]) {
      const others = everybody.filter(id => id !== String(member.id))
      expect((await member.closest(Uint8Array.from(randomBytes(32)))).filter(id => id !== String(member.id))).toEqual(others)
    }

    for (const writer of [members[1], members[5], members[8]]) {
      const { multihash, cid } = await block()
      const key = new TextEncoder().encode(`/test/${cid}`)
      await writer.provide(multihash)
      await writer.put(key, Uint8Array.of(7))

      for (const reader of [members[2], members[6], members[9]]) {
        await vi.waitFor(async () => { expect(await reader.providers(multihash)).toEqual([String(writer.id)]) }, SOON)
        expect(await reader.get(key)).toEqual(Uint8Array.of(7))
      }
    }
  })
})

/** A server of any kind */
interface Member {
  id: PeerId
  multiaddrs: Multiaddr[]
  connect (address: Multiaddr): Promise<unknown>
  closest (key: Uint8Array): Promise<string[]>
  provide (multihash: Uint8Array): Promise<unknown>
  providers (multihash: Uint8Array): Promise<string[]>
  put (key: Uint8Array, value: Uint8Array): Promise<unknown>
  get (key: Uint8Array): Promise<Uint8Array | undefined>
}

function ofRust (peer: ProgramPeer): Member {
  return {
    id: peer.id,
    multiaddrs: peer.multiaddrs,
    connect: async address => peer.connect(address),
    closest: async key => (await peer.perform({ operation: 'closest-peers', key })).found.sort(),
    provide: async key => peer.perform({ operation: 'provide', key }),
    providers: async key => (await peer.perform({ operation: 'find-providers', key })).found,
    put: async (key, value) => peer.perform({ operation: 'put-value', key, value }),
    get: async key => (await peer.perform({ operation: 'get-value', key })).value
  }
}

function ofJs (node: TestNode): Member {
  const { dht } = node.services

  return {
    id: node.peerId,
    multiaddrs: node.getMultiaddrs(),
    connect: async address => node.dial(address),
    closest: async key => closestOf(dht, key),
    provide: async multihash => all(dht.provide(cidOf(multihash))),
    providers: async multihash => [...new Set(named(await all(dht.findProviders(cidOf(multihash))), 'PROVIDER').flatMap(({ providers }) => ids(providers)))],
    put: async (key, value) => all(dht.put(key, value)),
    get: async key => foundValue(node, key)
  }
}

/** Each dials the two before it. The rest comes by lookups of their own. */
async function connectAll (members: Member[]): Promise<void> {
  for (const [i, member] of members.entries()) {
    for (const earlier of members.slice(Math.max(0, i - 2), i)) {
      await member.connect(earlier.multiaddrs[0])
    }
  }

  await vi.waitFor(async () => {
    for (const member of members) {
      const found = await member.closest(member.id.toMultihash().bytes)

      expect(new Set([...found, String(member.id)]).size).toBe(members.length)
    }
  }, { ...SOON, interval: 200 })
}

async function closestOf (dht: KadDHT, key: Uint8Array): Promise<string[]> {
  return ids(named(await all(dht.getClosestPeers(key)), 'FINAL_PEER').map(({ peer }) => peer))
}

/** Printable ids, sorted, of the peers whose ids are closest to a key by XOR */
async function nearest (peers: ProgramPeer[], key: Uint8Array, count: number): Promise<string[]> {
  const target = await hashed(key)
  const distances = await Promise.all(peers.map(async ({ id }) => ({ id, distance: xor(await hashed(id.toMultihash().bytes), target) })))

  return ids(distances.sort((a, b) => compare(a.distance, b.distance)).slice(0, count).map(({ id }) => id))
}

async function hashed (bytes: Uint8Array): Promise<Uint8Array> {
  return (await sha256.digest(bytes)).digest
}

async function block (): Promise<{ multihash: Uint8Array, cid: CID }> {
  const digest = await sha256.digest(Uint8Array.from(randomBytes(32)))

  return { multihash: digest.bytes, cid: CID.createV1(raw.code, digest) }
}

function cidOf (multihash: Uint8Array): CID {
  return CID.createV1(raw.code, Digest.decode(multihash))
}
