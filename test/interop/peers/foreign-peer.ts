import type { Operation } from '../../../benchmarks/report/results.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What a peer is asked to do by itself, as a client of its network
 */
export interface ForeignTask {
  operation: Exclude<Operation, 'provide-many' | 'put-many'>
  /** A multihash, the multihash of a peer id, or for values the key of the record */
  key: Uint8Array
  /**
   * The value to put. To get one, the value that ends the search: when it is left out, any
   * does. To provide, the bytes that have the multihash, as Kubo provides only what it has.
   */
  value?: Uint8Array
  /** Printable ids of the providers that end a search: when there are none, any provider does */
  providers?: string[]
}

export interface ForeignAnswer {
  /** Printable ids of the closest peers, of the peer, or of the providers that were found */
  found: string[]
  value?: Uint8Array
}

/**
 * A running peer of another implementation, in a process of its own. Unless it is asked
 * otherwise, it is in server mode.
 */
export interface ForeignPeer {
  readonly id: PeerId
  /** Each ends in /p2p/ and the id */
  readonly multiaddrs: Multiaddr[]
  /** @param address - Ends in /p2p/ and the id */
  connect (address: Multiaddr): Promise<void>
  /** Close all connections that it has */
  dropConnections (): Promise<void>
  /** @throws {Error} The operation failed, or took too long */
  perform (task: ForeignTask, options?: { timeoutMs?: number }): Promise<ForeignAnswer>
  /** Refresh the routing table now, where that can be asked for */
  refresh (): Promise<void>
  /** Printable ids of the peers in its routing table */
  table (): Promise<string[]>
  holdsProvider (multihash: Uint8Array, provider: string): Promise<boolean>
  holdsValue (key: Uint8Array): Promise<boolean>
  stop (): Promise<void>
}

/** How a test wants a foreign peer */
export interface ForeignPeerInit {
  /** @default 'server' */
  mode?: 'client' | 'server'
}
