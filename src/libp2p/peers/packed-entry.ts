import { multiaddr } from '@multiformats/multiaddr'
import { BookAddress } from './book-entry.ts'
import { sortAddresses } from './place-address.ts'
import type { BookEntry } from './book-entry.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { StoredAddress } from '../../persistence/score-store.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const KAD_ID_LENGTH = 32

/** Reliability in 254ths, as in a store, so that the neutral 0.5 is kept exactly; named; checked; naming; workedAt; length */
const ADDRESS_HEAD_LENGTH = 13
const RELIABILITY_STEPS = 254

/** Enough for eight of the longest addresses in use. It bounds what hostile peers can make us keep. */
const MAX_LENGTH = 1_024

/** Where entries are packed, one after the other: a start packs many thousand */
const bytes = new Uint8Array(MAX_LENGTH)
const view = new DataView(bytes.buffer)

/** An address to be packed */
export interface PackedAddress extends Pick<BookAddress, 'reliability' | 'workedAt' | 'named' | 'naming' | 'checked'> {
  multiaddr: Uint8Array
}

/**
 * An entry as a string with a byte in each character. An entry as objects takes 6 kB, a small
 * `Uint8Array` 200 bytes more than a string. Of more addresses than fit, the first stay.
 */
export function packEntry (kadId: KadId, addresses: readonly PackedAddress[]): string {
  let offset = KAD_ID_LENGTH
  bytes.set(kadId)

  for (const { multiaddr, reliability, workedAt, named, naming, checked } of addresses) {
    if (offset + ADDRESS_HEAD_LENGTH + multiaddr.byteLength > MAX_LENGTH) {
      continue
    }

    view.setUint8(offset, Math.round(reliability * RELIABILITY_STEPS))
    view.setUint8(offset + 1, named)
    view.setUint8(offset + 2, checked ? 1 : 0)
    view.setUint32(offset + 3, naming)
    view.setUint32(offset + 7, workedAt ?? 0)
    view.setUint16(offset + 11, multiaddr.byteLength)
    bytes.set(multiaddr, offset + ADDRESS_HEAD_LENGTH)
    offset += ADDRESS_HEAD_LENGTH + multiaddr.byteLength
  }

  return Reflect.apply(String.fromCharCode, undefined, bytes.subarray(0, offset))
}

/**
 * The entry that was packed
 *
 * @param allowed - Those of its addresses that may be used
 */
export function unpackEntry (id: PeerId, packed: string, allowed: (multiaddrs: Multiaddr[]) => Multiaddr[]): BookEntry {
  const { kadId, addresses: all } = unpack(packed)
  const known = all.map(toBookAddress).filter(address => address !== undefined)
  const mayBeUsed = known.length === 0 ? [] : allowed(known.map(({ multiaddr }) => multiaddr))
  const addresses = known.filter(({ multiaddr }) => mayBeUsed.some(other => other.equals(multiaddr)))
  sortAddresses(addresses)

  return { id, kadId, addresses, checking: new Map(), relayed: addresses.length > 0 && addresses.every(({ relayed }) => relayed) }
}

/**
 * The addresses of a packed entry as a store keeps them
 */
export function packedAddresses (packed: string): StoredAddress[] {
  return unpack(packed).addresses.map(({ multiaddr, reliability }) => ({ multiaddr, reliability }))
}

function unpack (packed: string): { kadId: KadId, addresses: PackedAddress[] } {
  const addresses: PackedAddress[] = []
  let offset = KAD_ID_LENGTH

  for (let i = 0; i < packed.length; i++) {
    bytes[i] = packed.charCodeAt(i)
  }

  while (offset < packed.length) {
    const start = offset + ADDRESS_HEAD_LENGTH
    const workedAt = view.getUint32(offset + 7)
    const end = start + view.getUint16(offset + 11)

    addresses.push({
      reliability: view.getUint8(offset) / RELIABILITY_STEPS,
      named: view.getUint8(offset + 1),
      checked: view.getUint8(offset + 2) === 1,
      naming: view.getUint32(offset + 3),
      workedAt: workedAt === 0 ? undefined : workedAt,
      multiaddr: bytes.slice(start, end)
    })
    offset = end
  }

  return { kadId: bytes.slice(0, KAD_ID_LENGTH), addresses }
}

function toBookAddress ({ multiaddr: bytes, naming, ...rest }: PackedAddress): BookAddress | undefined {
  try {
    return Object.assign(new BookAddress(multiaddr(bytes), naming), rest)
  } catch {
    // a later release has stored it, which knew more protocols
    return undefined
  }
}
