import { createIPNSRecord, IPNSEntry, ipnsSelector, ipnsValidator, multihashToIPNSRoutingKey } from '@helia/ipns'
import { generateKeyPair, publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import type { KadDHTInit } from '@libp2p/kad-dht'

const LIFETIME_MS = 3_600_000

type Validator = typeof ipnsValidator

/** All that the validator uses of a keychain */
const KEYCHAIN = { loadPublicKeyFromProtobuf: async (bytes: Uint8Array) => publicKeyFromProtobuf(bytes) } as unknown as Parameters<Validator>[2]

/**
 * A DHT with these options takes IPNS records, as one in Helia does
 */
export const IPNS_OPTIONS: Pick<KadDHTInit, 'validators' | 'selectors'> = {
  validators: {
    ipns: async (key, value) => { await ipnsValidator(key, value, KEYCHAIN) }
  },
  selectors: {
    ipns: (key, values) => ipnsSelector(key, values.map(value => IPNSEntry.decode(value)))
  }
}

export interface IPNSName {
  /** As it is printed */
  id: string
  /** Key of its records in the DHT */
  key: Uint8Array
  /**
   * @param path - What the name stands for
   * @param sequence - The record with the highest one is the newest
   */
  record (path: string, sequence: number): Promise<Uint8Array>
}

/**
 * A new IPNS name
 */
export async function ipnsName (): Promise<IPNSName> {
  const privateKey: Ed25519PrivateKey = await generateKeyPair('Ed25519')

  return {
    id: peerIdFromPrivateKey(privateKey).toString(),
    key: multihashToIPNSRoutingKey(privateKey.publicKey.toMultihash()),
    async record (path, sequence) {
      const entry = await createIPNSRecord(privateKey as unknown as Parameters<typeof createIPNSRecord>[0], path, sequence, LIFETIME_MS)

      return IPNSEntry.encode(entry)
    }
  }
}
