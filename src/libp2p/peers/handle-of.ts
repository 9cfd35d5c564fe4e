import { peerIdFromMultihash, peerIdFromString } from '@libp2p/peer-id'
import { base58btc } from 'multiformats/bases/base58'
import * as Digest from 'multiformats/hashes/digest'

/** How the multihash of a peer id begins, and its length: an Ed25519 key, a secp256k1 key, and the hash of another key */
const KINDS = [
  { head: [0x00, 0x24, 0x08, 0x01, 0x12, 0x20], length: 38 },
  { head: [0x00, 0x25, 0x08, 0x02, 0x12, 0x21], length: 39 },
  { head: [0x12, 0x20], length: 34 }
]

const BASE58 = Uint8Array.from('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz', digit => digit.charCodeAt(0))

/** So many digits of base 58 are computed together: 2 bytes more fit into a whole number of 53 bits */
const DIGITS = 5
const LIMB = 58 ** DIGITS

/**
 * The handle of a peer, `peerId.toString()`, from the multihash of its id. A start reads many
 * thousand of them, so those of the usual kinds are not parsed.
 *
 * @throws It is no multihash of a peer id
 */
export function handleOf (multihash: Uint8Array): string {
  const kind = KINDS.find(({ length }) => multihash.byteLength === length)

  return kind?.head.every((byte, i) => multihash[i] === byte) === true
    ? toBase58(multihash)
    : peerIdFromMultihash(Digest.decode(multihash)).toString()
}

/**
 * The multihash of a peer's id, from its handle
 *
 * @throws It is no handle of a peer
 */
export function multihashOf (handle: string): Uint8Array {
  // the text of an id of another kind is no plain multihash
  return handle.startsWith('1') || handle.startsWith('Q') ? base58btc.baseDecode(handle) : peerIdFromString(handle).toMultihash().bytes
}

/**
 * The handles of peers that come again and again. They share one string.
 */
export class HandleCache {
  readonly #handles = new Map<string, string>()

  /**
   * @throws It is no multihash of a peer id
   */
  handleOf (multihash: Uint8Array): string {
    const key = Reflect.apply(String.fromCharCode, undefined, multihash)
    const handle = this.#handles.get(key) ?? handleOf(multihash)
    this.#handles.set(key, handle)

    return handle
  }
}

/**
 * As the encoder of multiformats, in a quarter of the time. That encoder adds one character
 * after the other, which takes ten times the memory as well.
 */
function toBase58 (bytes: Uint8Array): string {
  const limbs = toLimbs(bytes)
  const digits: number[] = []

  for (let limb of limbs) {
    for (let i = 0; i < DIGITS; i++) {
      const next = limb / 58 | 0
      digits.push(BASE58[limb - next * 58])
      limb = next
    }
  }

  while (digits.at(-1) === BASE58[0]) {
    digits.pop()
  }

  // each zero byte at the front is a digit of its own
  for (let i = 0; bytes[i] === 0; i++) {
    digits.push(BASE58[0])
  }

  return Reflect.apply(String.fromCharCode, undefined, digits.reverse())
}

/** The number that the bytes are, the lowest limb first */
function toLimbs (bytes: Uint8Array): number[] {
  const limbs: number[] = []

  for (let i = 0; i < bytes.byteLength; i += 2) {
    const isPair = i + 1 < bytes.byteLength
    let carry = isPair ? bytes[i] * 256 + bytes[i + 1] : bytes[i]

    for (let j = 0; j < limbs.length; j++) {
      carry += limbs[j] * (isPair ? 65_536 : 256)
      const next = Math.floor(carry / LIMB)
      limbs[j] = carry - next * LIMB
      carry = next
    }

    if (carry > 0) {
      limbs.push(carry)
    }
  }

  return limbs
}
