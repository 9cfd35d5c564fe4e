import { setTimeout as delay } from 'node:timers/promises'
import { kadDHT } from '@libp2p/kad-dht'
import { describe, expect, test, vi } from 'vitest'
import { kadDHTInternals } from '../../src/kad-dht/internals.ts'
import { PROTOCOL } from '../conformance/test-network.ts'
import { BOTH, request, scored } from '../libp2p/test-node.ts'
import { scoresOf } from '../libp2p/scores-of.ts'
import { watchOutcomes } from './peers/cases/watch-outcomes.ts'
import { meet, SOON, startNode, tableOf } from './peers/meet.ts'
import { NO_RUST, rustPeer } from './peers/rust-peer.ts'
import type { TestNode } from '../conformance/test-network.ts'
import type { ProgramPeer } from './peers/program-peer.ts'
import type { Stream } from '@libp2p/interface'

/** How many DHT streams of one connection Rust serves at a time. It drops those beyond it, and those that it has answered before them. */
const RUST_LIMIT = 32

/** How many streams to one peer ours has at a time */
const OURS_AT_ONCE = 8

/** Some three times Rust's limit */
const MANY = 100

/** Rust closes a connection after this time without streams, ms. Its default is 10 s. */
const IDLE_MS = 50

if (NO_RUST !== undefined) {
  console.warn(NO_RUST)
}

describe.skipIf(NO_RUST !== undefined)('the limits of rust-libp2p', () => {
  test('many requests at once are all answered, where stock loses those beyond the limit', async () => {
    const { rust, stock, ours, outcomes } = await known()

    expect(await answered(ours, rust, MANY)).toBe(MANY)
    expect(outcomes()).toEqual(['responded'])
    expect(await answered(stock, rust, MANY)).toBeLessThan(MANY)
  })

  test('many requests at once are all answered while somebody else holds most streams of the connection', async () => {
    const { rust, ours, outcomes } = await known()
    await hold(ours, rust, RUST_LIMIT - OURS_AT_ONCE)

    // Rust resets a stream that it has just answered when the next one comes
    expect(await answered(ours, rust, MANY)).toBe(MANY)
    expect(outcomes()).toEqual(['responded'])
  })

  test.each(Object.entries(BOTH))('the next request of %s is answered after Rust has closed the idle connection', async (_, factory) => {
    const { rust, node, outcomes } = await closing(factory)

    for (let round = 0; round < 3; round++) {
      // it could not close it while a stream of ours is open
      await vi.waitFor(() => { expect(node.getConnections(rust.id)).toEqual([]) }, SOON)
      expect(await answered(node, rust, 1)).toBe(1)
    }

    expect(outcomes().filter(outcome => outcome !== 'responded')).toEqual([])
  })

  test('requests are answered at the moment that Rust closes the connection, and none counts as a failure', async () => {
    const { rust, node, outcomes } = await closing(scored())
    let count = 0

    // stock loses one in thirty of these
    for (let round = 0; round < 40; round++) {
      count += await answered(node, rust, 1)
      await delay(IDLE_MS - 10 + round / 2)
    }

    expect(count).toBe(40)
    expect(outcomes()).toEqual(['responded'])
    expect(scoresOf(node).get(rust.id).class).toBe('good')
  })

  test('a server that knows no ping is in our table with a good score, where stock never takes it in', async () => {
    const { rust, stock, ours } = await known({ ping: false })
    // both ask it, which is what stock could go by
    expect(await answered(stock, rust, 1)).toBe(1)
    expect(await answered(ours, rust, 1)).toBe(1)

    expect(tableOf(ours)).toEqual([String(rust.id)])
    expect(scoresOf(ours).get(rust.id).class).toBe('good')
    expect(tableOf(stock)).toEqual([])
  })
})

/** A Rust server that a stock client and one of ours know */
async function known ({ ping = true } = {}): Promise<{ rust: ProgramPeer, stock: TestNode, ours: TestNode, outcomes: () => string[] }> {
  const rust = await rustPeer({ ping })
  const stock = await startNode(kadDHT, PROTOCOL, { clientMode: true })
  const ours = await startNode(scored(), PROTOCOL, { clientMode: true })
  const outcomes = watchOutcomes(ours)
  await meet(ours, rust)

  if (ping) {
    await meet(stock, rust)
  } else {
    await stock.dial(rust.multiaddrs)
  }

  return { rust, stock, ours, outcomes }
}

/** A node that knows a Rust server which closes idle connections very soon */
async function closing (factory: typeof kadDHT): Promise<{ rust: ProgramPeer, node: TestNode, outcomes: () => string[] }> {
  const rust = await rustPeer({ idleConnectionMs: IDLE_MS })
  const node = await startNode(factory, PROTOCOL, { clientMode: true })
  const outcomes = watchOutcomes(node)
  await vi.waitFor(async () => {
    // the first connection may be gone before identify is done
    await node.dial(rust.multiaddrs)
    expect(tableOf(node)).toEqual([String(rust.id)])
  }, SOON)

  return { rust, node, outcomes }
}

/** @returns How many of so many requests at once were answered */
async function answered (node: TestNode, peer: ProgramPeer, count: number): Promise<number> {
  const { network } = kadDHTInternals(node.services.dht)
  const answers = await Promise.all(Array.from({ length: count }, async (_, i) => {
    for await (const event of request(network, peer.id, { type: 'FIND_NODE', key: new Uint8Array(32).fill(i) })) {
      if (event.name === 'PEER_RESPONSE') {
        return true
      }
    }

    return false
  }))

  return answers.filter(Boolean).length
}

/** Open streams on which no request ever comes */
async function hold (node: TestNode, peer: ProgramPeer, count: number): Promise<Stream[]> {
  const [connection] = node.getConnections(peer.id)

  return Promise.all(Array.from({ length: count }, async () => connection.newStream(PROTOCOL)))
}
