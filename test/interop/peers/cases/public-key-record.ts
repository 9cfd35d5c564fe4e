import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { concat as uint8ArrayConcat } from 'uint8arrays/concat'
import type { StoredValue } from '../stored-value.ts'

/**
 * A new public key, as a DHT stores it. It is an RSA key, as keys of other kinds are in the
 * ids of their peers and need no record.
 */
export async function publicKeyRecord (): Promise<StoredValue> {
  const { publicKey } = await generateKeyPair('RSA', 2048)

  return {
    key: uint8ArrayConcat([new TextEncoder().encode('/pk/'), publicKey.toMultihash().bytes]),
    value: publicKeyToProtobuf(publicKey)
  }
}
