import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as digest from 'multiformats/hashes/digest'
import { askPeer } from './ask-peer.ts'
import { KuboDaemon } from './kubo-daemon.ts'
import type { ForeignAnswer, ForeignPeer, ForeignTask } from './foreign-peer.ts'
import type { KuboDaemonInit } from './kubo-daemon.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The DHT of peers with private addresses. On 127.0.0.1 no peer gets into the table of the public one. */
export const KUBO_PROTOCOL = '/ipfs/lan/kad/1.0.0'

const TIMEOUT_MS = 10_000

/** Events of Kubo's queries, by their number */
const EVENTS = { finalPeer: 2, error: 3, provider: 4 }

export interface ProvideStat {
  Sweep: {
    operations: { past: { keys_failed: number } }
    network: { peers: number }
  }
}

interface QueryEvent {
  ID: string
  Type: number
  Responses: Array<{ ID: string, Addrs: string[] }> | null
  Extra: string
}

/**
 * A Kubo daemon with a repository of its own, spoken to through its HTTP RPC API
 */
export class KuboPeer implements ForeignPeer {
  readonly id: PeerId
  readonly multiaddrs: Multiaddr[]
  readonly #daemon: KuboDaemon

  /** @param program - Path of Kubo */
  static async start (program: string, init: KuboDaemonInit = {}): Promise<KuboPeer> {
    const daemon = await KuboDaemon.start(program, init)

    try {
      const [{ ID, Addresses }] = await daemon.call<{ ID: string, Addresses: string[] }>('id')

      return new KuboPeer(daemon, ID, Addresses)
    } catch (err) {
      await daemon.stop()
      throw err
    }
  }

  private constructor (daemon: KuboDaemon, id: string, addresses: string[]) {
    this.#daemon = daemon
    this.id = peerIdFromString(id)
    this.multiaddrs = addresses.map(address => multiaddr(address))
  }

  /** What it has written to its log */
  get log (): string {
    return this.#daemon.log
  }

  async connect (address: Multiaddr): Promise<void> {
    await this.#daemon.call('swarm/connect', [address.toString()])
  }

  async dropConnections (): Promise<void> {
    const [{ Peers }] = await this.#daemon.call<{ Peers: Array<{ Peer: string }> | null }>('swarm/peers')

    for (const { Peer } of Peers ?? []) {
      await this.#daemon.call('swarm/disconnect', [`/p2p/${Peer}`])
    }
  }

  async perform ({ operation, key, value = new Uint8Array(), providers = [] }: ForeignTask, { timeoutMs = TIMEOUT_MS } = {}): Promise<ForeignAnswer> {
    switch (operation) {
      case 'closest-peers':
        return { found: (await this.#query('dht/query', peerOf(key), EVENTS.finalPeer, timeoutMs)).map(({ ID }) => ID) }
      case 'find-peer':
        return { found: idsIn(await this.#query('routing/findpeer', peerOf(key), EVENTS.finalPeer, timeoutMs)) }
      case 'find-providers': {
        // Kubo ends a search at this number of providers, and where there are fewer when it has asked all
        const options = { 'num-providers': String(Math.max(providers.length, 1)) }

        return { found: [...new Set(idsIn(await this.#query('routing/findprovs', cidOf(key), EVENTS.provider, timeoutMs, options)))] }
      }
      case 'get-value': {
        const [{ Extra }] = await this.#daemon.call<QueryEvent>('routing/get', [pathOf(key)], { timeoutMs })

        return { found: [], value: Uint8Array.from(Buffer.from(Extra, 'base64')) }
      }
      case 'put-value':
        await this.#daemon.call('routing/put', [pathOf(key)], { timeoutMs, file: value })

        return { found: [] }
      case 'provide':
        await this.#daemon.call('block/put', [], { timeoutMs, file: value, options: { 'cid-codec': 'raw' } })
        await this.#daemon.call('routing/provide', [cidOf(key)], { timeoutMs })

        return { found: [] }
      default:
        throw new Error(`${operation satisfies never} is no operation`)
    }
  }

  /** Kubo's table refreshes itself, and can't be asked to */
  async refresh (): Promise<void> {}

  async table (): Promise<string[]> {
    const [{ Buckets }] = await this.#daemon.call<{ Buckets: Array<{ Peers: Array<{ ID: string }> | null }> | null }>('stats/dht', ['lan'])

    return (Buckets ?? []).flatMap(({ Peers }) => (Peers ?? []).map(({ ID }) => ID))
  }

  async holdsProvider (multihash: Uint8Array, provider: string): Promise<boolean> {
    const { providers } = await askPeer(this.multiaddrs[0], KUBO_PROTOCOL, { type: 'GET_PROVIDERS', key: Uint8Array.from(multihash) })

    return providers.some(({ id }) => peerIdFromMultihash(digest.decode(id)).toString() === provider)
  }

  async holdsValue (key: Uint8Array): Promise<boolean> {
    return (await askPeer(this.multiaddrs[0], KUBO_PROTOCOL, { type: 'GET_VALUE', key: Uint8Array.from(key) })).record !== undefined
  }

  /**
   * Publish a value under the daemon's own name
   *
   * @returns The name
   */
  async publishName (value: string): Promise<string> {
    const [{ Name }] = await this.#daemon.call<{ Name: string }>('name/publish', [value], { options: { 'allow-offline': 'true' } })

    return Name
  }

  /** @returns The value of a name, from the network */
  async resolveName (name: string): Promise<string> {
    const [{ Path }] = await this.#daemon.call<{ Path: string }>('name/resolve', [name], { options: { nocache: 'true' } })

    return Path
  }

  /** @returns What Kubo knows of another peer by identify */
  async identityOf (id: PeerId): Promise<{ AgentVersion: string, Protocols: string[] }> {
    const [identity] = await this.#daemon.call<{ AgentVersion: string, Protocols: string[] }>('id', [id.toString()])

    return identity
  }

  /** Queue content for its own provider, which sweeps the key space */
  async provideOnce (bytes: Uint8Array): Promise<void> {
    const [{ Key }] = await this.#daemon.call<{ Key: string }>('block/put', [], { file: bytes, options: { 'cid-codec': 'raw' } })
    await this.#daemon.call('provide/once', [Key])
  }

  /** @returns What Kubo tells of the provides that it has done */
  async provideStat (): Promise<ProvideStat> {
    const [stat] = await this.#daemon.call<ProvideStat>('provide/stat', [], { options: { lan: 'true' } })

    return stat
  }

  async stop (): Promise<void> {
    await this.#daemon.stop()
  }

  async #query (command: string, argument: string, wanted: number, timeoutMs: number, options: Record<string, string> = {}): Promise<QueryEvent[]> {
    const events = await this.#daemon.call<QueryEvent>(command, [argument], { timeoutMs, options })
    const found = events.filter(({ Type }) => Type === wanted)

    if (found.length === 0) {
      throw new Error(events.findLast(({ Type }) => Type === EVENTS.error)?.Extra ?? `${command} found nothing`)
    }

    return found
  }
}

function idsIn (events: QueryEvent[]): string[] {
  return events.flatMap(({ Responses }) => (Responses ?? []).map(({ ID }) => ID))
}

function peerOf (multihash: Uint8Array): string {
  return peerIdFromMultihash(digest.decode(multihash)).toString()
}

function cidOf (multihash: Uint8Array): string {
  return CID.createV1(raw.code, digest.decode(multihash)).toString()
}

/** The key of a record, with its last part in print */
function pathOf (key: Uint8Array): string {
  const slash = key.indexOf('/'.charCodeAt(0), 1)

  return `${new TextDecoder().decode(key.subarray(0, slash))}/${peerOf(key.subarray(slash + 1))}`
}
