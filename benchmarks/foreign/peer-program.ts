import type { Traffic } from '../live/traffic-ledger.ts'
import type { Operation } from '../report/results.ts'

/*
 * What a program of another implementation understands. It runs any number of nodes. It
 * reads one JSON object a line on its standard input, `{ id, command, argument }`, and
 * answers each with one line on its standard output, `{ id, result }` or `{ id, error }`.
 * Commands run at the same time, so answers may come in another order. Bytes are base64.
 * It ends when its standard input ends.
 */

/**
 * A peer, as it is told to somebody who is to know it
 */
export interface PeerAddress {
  /** Printable peer id */
  id: string
  /** Without the peer id at the end */
  multiaddrs: string[]
}

/**
 * The link from a node to a peer. Without one, a peer is as near as the machine makes it.
 */
export interface Link {
  /** Printable peer id */
  peer: string
  /** Round trip time, ms. A dial takes one, and each direction of a connection takes half of it. */
  rttMs: number
  /** Whether a dial gets no answer at all */
  silent: boolean
  /** Whether the peer is known to be dead. All that goes to it counts as unresponsive. */
  dead: boolean
}

export interface NodeInit {
  /** The name by which commands mean this node */
  name: string
  /** The Ed25519 key, 64 bytes: the seed and the public key */
  privateKey: Uint8Array
  /** Addresses to listen on, of TCP, QUIC or WebTransport. A node without any only dials. */
  listen: string[]
  /** Addresses that it tells others. When there are none, it tells those that it listens on. */
  announce: string[]
  /** The DHT's protocol, such as `/ipfs/kad/1.0.0` */
  protocol: string
  mode: 'client' | 'server'
  /** k of the closest peers */
  k: number
  /** Whether it refreshes its routing table by itself, as it does for its users */
  refresh: boolean
  /** How it provides, as far as it can choose */
  provide: 'classic' | 'optimistic' | 'sweep'
  /**
   * What it says that it is, to whoever connects
   *
   * @default what its authors say
   */
  agent?: string
  links: Link[]
  /**
   * Round trip time of the connections that others open to this node, ms. It delays what
   * goes either way by half of it. The dial itself is answered at once, so the first answer
   * comes one round trip later still.
   *
   * @default 0
   */
  rttMs?: number
  /**
   * Whether it keeps what others do to it. Only the Go program can.
   *
   * @default false
   */
  capture?: boolean
}

/**
 * What a peer has done to a node that captures
 */
export interface CapturedPeer {
  /** What it says that it is */
  agent: string
  /** The protocols that it says it speaks */
  speaks: string[]
  /** How many connections to it are open */
  connections: number
  /** The protocol of each stream that it has opened, in order */
  protocols: string[]
  /** The streams of the DHT that it has opened, with the bytes that it sent, in base64, up to 64 KiB each */
  streams: Array<{ bytes: string, ended: 'open' | 'closed' | 'reset' }>
}

/**
 * The ways in which a server misbehaves. Without any it is as its authors made it.
 */
export interface ServerHabits {
  /** Time to wait before each answer, drawn evenly, ms */
  slowMs?: { min: number, max: number }
  /** It names only the k of these that are closest to the key, in place of the peers that it knows */
  names?: PeerAddress[]
}

export interface ProgramTask {
  operation: Operation
  /** A multihash, or for values the key of the record */
  key: Uint8Array
  /** The value to put, or the value that ends a search: empty when any value does */
  value: Uint8Array
  /** Printable ids of the providers that end a search: empty when any provider does */
  providers: string[]
}

export interface ProgramPerformance {
  /** Time that the operation took, ms. After a failure it is the time limit. */
  timeMs: number
  failed: boolean
  /** The reason of a failure, in one line */
  reason?: string
  /** Printable ids of the closest peers, of the peer, or of the providers that were found */
  found: string[]
  /** The value that was found, base64 */
  value?: string
  /** From when to when it ran, ms since the epoch */
  period: { from: number, to: number }
  traffic: Traffic
  /** What the node did between the previous operation and this one */
  background: Traffic
}

interface Named {
  /** Name of the node */
  name: string
}

/**
 * The commands. All fail for a node that is not there.
 */
export interface PeerProgramCommands {
  [command: string]: (argument: never) => unknown

  /** Start a node. Started again under its name, it still has its records. */
  startNode (init: NodeInit): { id: string, multiaddrs: string[] }
  stopNode (node: Named): void
  /** Dial a multiaddr that ends in /p2p/ and an id */
  connect (argument: Named & { multiaddr: string }): void
  /** Abort all connections of a node */
  dropConnections (node: Named): void
  /** Put peers into the routing table unseen, and their addresses where they are not forgotten */
  know (argument: Named & { peers: PeerAddress[] }): void
  /** @returns Printable ids of the peers in the routing table */
  table (node: Named): string[]
  /** Refresh the routing table now, and wait until that is done */
  refresh (node: Named): void
  setHabits (argument: Named & { habits: ServerHabits }): void
  setLinks (argument: Named & { links: Link[] }): void
  perform (argument: Named & { task: ProgramTask, timeoutMs: number }): ProgramPerformance
  /** Store a value as if a client had put it there */
  storeValue (argument: Named & { key: Uint8Array, value: Uint8Array }): void
  holdsValue (argument: Named & { key: Uint8Array }): boolean
  /** Store a provider record as if the provider had put it there */
  storeProvider (argument: Named & { multihash: Uint8Array, provider: PeerAddress }): void
  holdsProvider (argument: Named & { multihash: Uint8Array, provider: string }): boolean
  /** @param argument.peer - Printable peer id. It has been connected. */
  captured (argument: Named & { peer: string }): CapturedPeer
}
