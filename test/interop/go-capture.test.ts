import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import all from 'it-all'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { builtProgram, notBuilt } from '../../benchmarks/foreign/built-program.ts'
import { BOTH } from '../libp2p/test-node.ts'
import { messagesOf } from './go/messages-of.ts'
import { GO_PROTOCOL, GoNodes } from './go/go-nodes.ts'
import { block } from './peers/cases/block.ts'
import { ipnsName } from './peers/ipns-records.ts'
import { SOON, startNode, tableOf } from './peers/meet.ts'
import type { KadDHTFactory } from '../conformance/test-network.ts'

const SERVERS = 4

const program = builtProgram('go-peers')

if (program === undefined) {
  console.warn(notBuilt('go-peers'))
}

/** What Go servers can tell of a node: each kind of thing once, whatever its order, time and number */
interface Seen {
  agents: string[]
  speaks: string[]
  connections: number[]
  /** Protocols of the streams that it opened */
  protocols: string[]
  /** Its requests, field by field */
  requests: string[]
  /** How its streams of the DHT ended */
  ends: string[]
}

describe.skipIf(program === undefined)('what a Go server captures', () => {
  test.each(['client', 'server'] as const)('does not tell a %s of ours from one of stock', async mode => {
    const [stock, ours] = [await seenByGo(BOTH.kadDHT, mode), await seenByGo(BOTH.scoredKadDHT, mode)]

    expect(ours).toEqual(stock)
    // PUT_VALUE, whose type is not written, GET_VALUE, ADD_PROVIDER, GET_PROVIDERS and FIND_NODE
    expect(new Set(stock.requests.map(request => request.slice(0, 6)))).toEqual(new Set(['{ 2: 4', '{ 1: 1', '{ 1: 2', '{ 1: 3', '{ 1: 4']))
    expect(stock.connections).toEqual([1])
    expect(stock.protocols).toContain(GO_PROTOCOL)
  })
})

/** What Go servers see of a node that does all that a user may do */
async function seenByGo (factory: KadDHTFactory, mode: 'client' | 'server'): Promise<Seen> {
  const nodes = new GoNodes()
  onTestFinished(async () => { await nodes.program.kill() })
  const servers = await Promise.all(Array.from({ length: SERVERS }, async (_, index) => nodes.server(`server ${index}`, { capture: true })))
  await Promise.all(servers.map(async (_, index) => nodes.program.call('know', { name: `server ${index}`, peers: servers })))
  const node = await startNode(factory, GO_PROTOCOL, { clientMode: mode === 'client' })

  for (const { id, multiaddrs } of servers) {
    await node.dial(multiaddr(`${multiaddrs[0]}/p2p/${id}`))
  }

  await vi.waitFor(() => { expect(tableOf(node)).toHaveLength(SERVERS) }, SOON)

  const { key, record } = await ipnsName()
  const [provided, wanted] = [await block(), await block()]
  const { dht } = node.services

  await all(dht.getClosestPeers(wanted.multihash))
  await all(dht.findPeer(peerIdFromString(servers[1].id)))
  await all(dht.provide(provided.cid))
  await all(dht.findProviders(provided.cid))
  await all(dht.findProviders(wanted.cid))
  await all(dht.put(key, await record('/ipfs/bafkqaaa', 1)))
  await all(dht.get(key))

  const captured = await Promise.all(servers.map(async (_, index) => nodes.program.call('captured', { name: `server ${index}`, peer: node.peerId.toString() })))
  const streams = captured.flatMap(one => one.streams)

  return {
    agents: kinds(captured.map(({ agent }) => agent)),
    speaks: kinds(captured.flatMap(({ speaks }) => speaks)),
    connections: kinds(captured.map(({ connections }) => connections)),
    protocols: kinds(captured.flatMap(({ protocols }) => protocols)),
    requests: kinds(streams.flatMap(({ bytes }) => messagesOf(Buffer.from(bytes, 'base64')))),
    ends: kinds(streams.map(({ ended }) => ended))
  }
}

function kinds<T> (values: T[]): T[] {
  return [...new Set(values)].sort()
}
