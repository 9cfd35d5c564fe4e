import { createHash } from 'node:crypto'
import { PrefixTrie } from '../../src/keyspace/prefix-trie.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { shuffle } from '../random/shuffle.ts'
import { constructRoutingTable } from './construct-routing-table.ts'
import { drawPeerStates, isServer, redrawPeerStates } from './peer-states.ts'
import { TestnetMember } from './testnet-member.ts'
import { testnetPeer } from './testnet-peer.ts'
import type { PeerState } from './peer-states.ts'
import type { Server } from './servers/server.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { TestnetPeer } from './testnet-peer.ts'
import type { Random } from '../random/random.ts'

/** Number of servers that start at the same time. More would only wait for the processor while their time-outs run. */
const STARTING = 16

/**
 * The data about a peer that the arms' processes get. They need it to dial the peer, to
 * play a silent peer, and to count peers that did not answer.
 */
export interface PeerDescription {
  id: string
  multiaddr: string
  state: PeerState
}

/**
 * A period that has just passed, ms since the epoch
 */
export interface Period {
  from: number
  to: number
}

/**
 * @param random - Uniform in [0, 1)
 */
export type CreateServer = (peer: TestnetPeer, random: Random) => Server

/**
 * All peers of a testnet, live and dead, and their true states
 */
export class TestnetNetwork {
  readonly #options: TestnetOptions
  readonly #members: TestnetMember[]
  readonly #trie = new PrefixTrie<TestnetMember>()
  readonly #redrawRandom: Random

  private constructor (options: TestnetOptions, members: TestnetMember[]) {
    this.#options = options
    this.#members = members
    this.#redrawRandom = seededRandom(options.seed, 'redraw')
  }

  /**
   * Start all servers and give them their routing tables
   *
   * @param createServer - Gives the server of a peer, not started
   */
  static async start (options: TestnetOptions, createServer: CreateServer): Promise<TestnetNetwork> {
    const states = drawPeerStates(options)
    const members: TestnetMember[] = []
    const network = new TestnetNetwork(options, members)

    for (const index of states.keys()) {
      const peer = await testnetPeer(options.seed, index)
      const random = seededRandom(options.seed, 'habits', index)
      const member = new TestnetMember(peer, createServer(peer, random), random)

      members.push(member)
      network.#trie.set(member.peer.kadId, member)
    }

    await network.#become(states)

    const kadIds = members.map(({ peer }) => peer.kadId)
    const tableOptions = { ...options, liveShare: states.filter(isServer).length / states.length }

    for (const [index, { server, peer }] of members.entries()) {
      const table = constructRoutingTable(peer.kadId, kadIds, tableOptions, seededRandom(options.seed, 'table', index))

      await server.know(table.map(index => members[index].info))
    }

    return network
  }

  /**
   * Draw some peers' states anew, but not those of the bootstrap peers
   */
  async redraw (): Promise<void> {
    const states = redrawPeerStates(this.#members.map(({ state }) => state ?? 'refuses'), {
      share: this.#options.redrawShare,
      exempt: this.#options.bootstrapPeers
    }, this.#redrawRandom)

    await this.#become(states)
  }

  describe (): PeerDescription[] {
    return this.#members.map(({ info, state }) => ({
      id: info.id.toString(),
      multiaddr: info.multiaddrs[0].toString(),
      state: state ?? 'refuses'
    }))
  }

  /**
   * The k peers closest to a key that were alive throughout a period
   *
   * @returns Their ids. Liars count among the k closest but are left out, because a lookup is not expected to find them.
   */
  closestAlive (key: Uint8Array, period: Period): string[] {
    return this.#closestAlive(key, period)
      .filter(({ state }) => state !== 'lies')
      .map(({ peer }) => peer.id.toString())
  }

  /**
   * Put a value on the k live peers closest to its key
   */
  async placeValue (key: Uint8Array, value: Uint8Array): Promise<void> {
    for (const { server } of this.#closestAlive(key, now())) {
      await server.storeValue(key, value)
    }
  }

  /**
   * Put provider records on the k live peers closest to a multihash
   *
   * @returns The providers: live peers
   */
  async placeProviders (multihash: Uint8Array): Promise<string[]> {
    const random = seededRandom(this.#options.seed, 'providers', Buffer.from(multihash).toString('hex'))
    const providers = shuffle(this.#members.filter(({ state }) => state === 'up'), random).slice(0, this.#options.providers)

    for (const { server } of this.#closestAlive(multihash, now())) {
      for (const { info } of providers) {
        await server.storeProvider(multihash, info)
      }
    }

    return providers.map(({ peer }) => peer.id.toString())
  }

  /**
   * Share of the k closest peers alive throughout a period that hold a value
   */
  async shareHoldingValue (key: Uint8Array, period: Period): Promise<number> {
    return this.#shareHolding(key, period, async ({ server }) => server.holdsValue(key))
  }

  /**
   * Share of the k closest peers alive throughout a period that hold a provider record
   */
  async shareHoldingProvider (multihash: Uint8Array, provider: string, period: Period): Promise<number> {
    return this.#shareHolding(multihash, period, async ({ server }) => server.holdsProvider(multihash, provider))
  }

  async #shareHolding (key: Uint8Array, period: Period, holds: (member: TestnetMember) => Promise<boolean>): Promise<number> {
    const closest = this.#closestAlive(key, period)
    const holding = await Promise.all(closest.map(holds))

    return holding.filter(Boolean).length / closest.length
  }

  #closestAlive (key: Uint8Array, { from, to }: Period): TestnetMember[] {
    return this.#closest(key, member => member.wasUp(from, to))
  }

  #closest (key: Uint8Array, accept: (member: TestnetMember) => boolean): TestnetMember[] {
    const target = Uint8Array.from(createHash('sha256').update(key).digest())

    return this.#trie.closest(target, this.#options.k, accept).map(({ value }) => value)
  }

  async #become (states: readonly PeerState[]): Promise<void> {
    const waiting = [...states.entries()]

    await Promise.all(Array.from({ length: STARTING }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [index, state] = next

        await this.#members[index].become(state)
      }
    }))

    // liars name each other, so all of them must be known
    const liars = this.#members.filter(({ state }) => state === 'lies')

    await Promise.all(liars.map(async ({ server }) => server.setHabits({ names: liars.map(({ info }) => info) })))
  }
}

function now (): Period {
  return { from: Date.now(), to: Date.now() }
}
