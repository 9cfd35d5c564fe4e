import { createHash } from 'node:crypto'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'

/**
 * The identity of a peer of the testnet, live or dead
 */
export interface TestnetPeer {
  id: PeerId
  privateKey: PrivateKey
  kadId: KadId
}

/**
 * The peer that belongs to a seed and a name. The same arguments give the same peer.
 */
export async function testnetPeer (seed: number, name: string | number): Promise<TestnetPeer> {
  const privateKey = await generateKeyPairFromSeed('Ed25519', sha256(JSON.stringify([seed, 'peer', name])))
  const id = peerIdFromPrivateKey(privateKey)

  return { id, privateKey, kadId: sha256(id.toMultihash().bytes) }
}

function sha256 (data: string | Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(data).digest())
}
