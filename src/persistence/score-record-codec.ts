import crc32 from 'crc-32'
import { checkPeerScore } from '../score/check-peer-score.ts'
import type { StoredAddress, StoredPeer, UnreadableEntry } from './score-store.ts'
import type { OutcomeType } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

/**
 * Record format, big-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | format version |
 * | 1 | last outcome, 0 for none |
 * | 6 x 4 | float32: reliability, weight, latency, latency deviation (NaN for none), referral, referral weight |
 * | 3 x 8 | float64: updatedAt, answeringSince, answeredAt, ms since the epoch (NaN for none) |
 * | 1 | number of addresses |
 * | 1 + 2 + n, each | reliability in 254ths, length, multiaddr |
 * | 4 | CRC-32 of the key followed by everything above |
 *
 * A later version may change all but the first byte. Version 1 is still read. It lacks
 * answeringSince and answeredAt, and has in their place:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | its place in the routing table, up to 3 |
 * | 1 + n | length and multihash of another peer, or 0 |
 */
const VERSION = 2

const SCORE_LENGTHS: Readonly<Record<number, number>> = { 1: 34, 2: 50 }
const CHECKSUM_LENGTH = 4

/** Enough for the transports and IP versions of one peer. It bounds what a hostile peer can make us keep. */
const MAX_ADDRESSES = 8
const MAX_MULTIADDR_LENGTH = 512

/** An even number, so that the neutral 0.5 is kept exactly */
const ADDRESS_RELIABILITY_STEPS = 254

/** Part of the format: a number is never given to another outcome */
const OUTCOME_CODES: Record<OutcomeType, number> = {
  responded: 1,
  stored: 2,
  timedOut: 3,
  dialFailed: 4,
  protocolError: 5,
  invalidRecord: 6
}
const OUTCOMES_BY_CODE = new Map(Object.entries(OUTCOME_CODES).map(([type, code]) => [code, type as OutcomeType]))

/** Of version 1 */
const LAST_PLACE = 3

/**
 * A record that was read, or why it can't be
 */
export type DecodedPeer =
  | { type: 'readable', peer: StoredPeer }
  | { type: 'unreadable', reason: UnreadableEntry['reason'] }

/**
 * The bytes that a store keeps under the peer's multihash. Means are rounded to float32, the
 * reliability of addresses to 1/254. The eight most reliable addresses are kept, of those
 * that have 512 bytes at most.
 */
export function encodeStoredPeer ({ peer, score, addresses }: StoredPeer): Uint8Array {
  const storable = addresses.filter(({ multiaddr }) => multiaddr.byteLength <= MAX_MULTIADDR_LENGTH)
  const best = storable.toSorted((a, b) => b.reliability - a.reliability).slice(0, MAX_ADDRESSES)
  const kept = storable.filter(address => best.includes(address))
  const addressesLength = kept.reduce((length, { multiaddr }) => length + 3 + multiaddr.byteLength, 1)

  const bytes = new Uint8Array(SCORE_LENGTHS[VERSION] + addressesLength + CHECKSUM_LENGTH)
  const view = new DataView(bytes.buffer)

  writeScore(view, score)

  let offset = SCORE_LENGTHS[VERSION]
  view.setUint8(offset++, kept.length)

  for (const { multiaddr, reliability } of kept) {
    view.setUint8(offset, Math.round(reliability * ADDRESS_RELIABILITY_STEPS))
    view.setUint16(offset + 1, multiaddr.byteLength)
    bytes.set(multiaddr, offset + 3)
    offset += 3 + multiaddr.byteLength
  }

  view.setUint32(offset, checksum(peer, bytes.subarray(0, offset)))

  return bytes
}

/**
 * Reads what `encodeStoredPeer` wrote. It never throws: a record is unreadable when a byte of
 * its key or value has changed, or when it has a value that no peer can have.
 *
 * @param peer - The key under which the bytes were found: the peer's multihash
 */
export function decodeStoredPeer (peer: Uint8Array, value: Uint8Array): DecodedPeer {
  const length = value.byteLength - CHECKSUM_LENGTH
  const version = value.at(0) ?? VERSION
  const scoreLength = SCORE_LENGTHS[version]

  if (scoreLength === undefined) {
    return { type: 'unreadable', reason: 'unknown-version' }
  }

  if (length < scoreLength) {
    return { type: 'unreadable', reason: 'damaged' }
  }

  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)

  if (view.getUint32(length) !== checksum(peer, value.subarray(0, length))) {
    return { type: 'unreadable', reason: 'damaged' }
  }

  try {
    const score = readScore(view, version)
    const reader = new Reader(value.subarray(scoreLength, length))

    if (version === 1) {
      skipPlace(reader)
    }

    const addresses = readAddresses(reader)
    reader.assertEnd()

    return {
      type: 'readable',
      peer: { peer: new Uint8Array(peer), score, addresses }
    }
  } catch (err) {
    if (!(err instanceof RangeError)) {
      throw err
    }

    return { type: 'unreadable', reason: 'damaged' }
  }
}

/**
 * Steps through a record. A step beyond its end throws a RangeError.
 */
class Reader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  uint8 (): number {
    return this.take(1)[0]
  }

  uint16 (): number {
    const [high, low] = this.take(2)

    return high * 256 + low
  }

  take (length: number): Uint8Array {
    const start = this.#offset
    this.#offset += length

    if (this.#offset > this.#bytes.byteLength) {
      throw new RangeError('record ends early')
    }

    // a copy, and no Buffer: the peer must not keep the engine's memory alive
    return new Uint8Array(this.#bytes.subarray(start, this.#offset))
  }

  assertEnd (): void {
    if (this.#offset !== this.#bytes.byteLength) {
      throw new RangeError('record goes on after its end')
    }
  }
}

function writeScore (view: DataView, score: PeerScore): void {
  view.setUint8(0, VERSION)
  view.setUint8(1, score.lastOutcome === undefined ? 0 : OUTCOME_CODES[score.lastOutcome])
  view.setFloat32(2, score.reliability)
  view.setFloat32(6, score.weight)
  view.setFloat32(10, score.latencyMs ?? NaN)
  view.setFloat32(14, score.latencyDeviationMs ?? NaN)
  view.setFloat32(18, score.referral)
  view.setFloat32(22, score.referralWeight)
  view.setFloat64(26, score.updatedAt)
  view.setFloat64(34, score.answeringSince ?? NaN)
  view.setFloat64(42, score.answeredAt ?? NaN)
}

function readScore (view: DataView, version: number): PeerScore {
  const outcomeCode = view.getUint8(1)
  const lastOutcome = OUTCOMES_BY_CODE.get(outcomeCode)

  if (outcomeCode !== 0 && lastOutcome === undefined) {
    throw new RangeError(`there is no outcome ${outcomeCode}`)
  }

  const latencyMs = unlessNaN(view.getFloat32(10))
  const updatedAt = view.getFloat64(26)
  // in version 1 a latency tells that the peer has answered, and nothing tells when; its last change is the latest that it can have been
  const answers = version === 1
    ? { answeringSince: latencyMs === undefined ? undefined : updatedAt, answeredAt: latencyMs === undefined ? undefined : updatedAt }
    : { answeringSince: unlessNaN(view.getFloat64(34)), answeredAt: unlessNaN(view.getFloat64(42)) }
  const score = {
    reliability: view.getFloat32(2),
    weight: view.getFloat32(6),
    latencyMs,
    latencyDeviationMs: unlessNaN(view.getFloat32(14)),
    referral: view.getFloat32(18),
    referralWeight: view.getFloat32(22),
    lastOutcome,
    ...answers,
    updatedAt
  }
  checkPeerScore(score)

  return score
}

function unlessNaN (value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

/** Version 1 has where the peer stood in the routing table: nobody needs it */
function skipPlace (reader: Reader): void {
  atMost(LAST_PLACE, reader.uint8())
  reader.take(reader.uint8())
}

function readAddresses (reader: Reader): StoredAddress[] {
  return Array.from({ length: atMost(MAX_ADDRESSES, reader.uint8()) }, () => {
    const reliability = atMost(ADDRESS_RELIABILITY_STEPS, reader.uint8()) / ADDRESS_RELIABILITY_STEPS
    const multiaddr = reader.take(atMost(MAX_MULTIADDR_LENGTH, reader.uint16()))

    return { multiaddr, reliability }
  })
}

function atMost (max: number, value: number): number {
  if (value > max) {
    throw new RangeError(`${value} is above ${max}`)
  }

  return value
}

function checksum (peer: Uint8Array, content: Uint8Array): number {
  return crc32.buf(content, crc32.buf(peer)) >>> 0
}
