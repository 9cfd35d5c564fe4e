import type { PeerInfo } from '@libp2p/interface'

/**
 * The ways in which a server misbehaves. Without any it is as its authors made it.
 */
export interface Habits {
  /** Time to wait before each answer, drawn evenly, ms */
  slowMs?: { min: number, max: number }
  /** It names the k of these that are closest to the key, in place of the peers that it knows */
  names?: readonly PeerInfo[]
}

/**
 * A live peer of the testnet: a DHT server whose routing table is given to it. It can be
 * stopped and started again on the same port, and keeps its records over that. All but
 * `know` and `stop` fail while it does not run.
 */
export interface Server {
  /**
   * @param port - On 127.0.0.1
   */
  start (port: number): Promise<void>

  /** Misbehave from now on, until it is stopped. Called once a start. */
  setHabits (habits: Habits): Promise<void>

  /** Give the server its routing table, now and for each later start */
  know (peers: readonly PeerInfo[]): Promise<void>

  /** Store a value, as if a client had put it here */
  storeValue (key: Uint8Array, value: Uint8Array): Promise<void>

  holdsValue (key: Uint8Array): Promise<boolean>

  /** Hold a provider record, the provider's addresses included, as if the provider had put it here */
  storeProvider (multihash: Uint8Array, provider: PeerInfo): Promise<void>

  /**
   * @param provider - Printable peer id
   */
  holdsProvider (multihash: Uint8Array, provider: string): Promise<boolean>

  stop (): Promise<void>
}
