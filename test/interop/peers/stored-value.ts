import { Libp2pRecord } from '@libp2p/record'
import { askPeer } from './ask-peer.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** A value as a DHT stores it */
export interface StoredValue {
  key: Uint8Array
  value: Uint8Array
}

/**
 * Have a single peer store a value
 *
 * @throws {Error} It refused
 */
export async function storeAt (address: Multiaddr, protocol: string, { key, value }: StoredValue): Promise<void> {
  const record = Uint8Array.from(new Libp2pRecord(key, value, new Date()).serialize())

  await askPeer(address, protocol, { type: 'PUT_VALUE', key: Uint8Array.from(key), record })
}

/**
 * @returns The value that a single peer has
 */
export async function storedAt (address: Multiaddr, protocol: string, key: Uint8Array): Promise<Uint8Array | undefined> {
  const { record } = await askPeer(address, protocol, { type: 'GET_VALUE', key: Uint8Array.from(key) })

  return record === undefined ? undefined : Uint8Array.from(Libp2pRecord.deserialize(record).value)
}
