import { checkPeerScore } from '../score/check-peer-score.ts'
import { CHECKSUM_LENGTH, readRecord, signRecord } from './checked-record.ts'
import type { RecordReader } from './checked-record.ts'
import type { StoredAddress, StoredNamedPeer, StoredPeer, StoredScoredPeer, UnreadableEntry } from './score-store.ts'
import type { OutcomeType } from '../score/outcome.ts'
import type { PeerScore } from '../score/peer-score.ts'

/**
 * Record format, big-endian:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | format version |
 * | 1 | 0 when a score follows, 1 when a naming does |
 * | n | the score or the naming |
 * | 1 | number of addresses |
 * | 1 + 2 + n, each | reliability in 254ths, length, multiaddr |
 * | 4 | CRC-32 of the key followed by everything above |
 *
 * A score:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | last outcome, 0 for none |
 * | 6 x 4 | float32: reliability, weight, latency, latency deviation (NaN for none), referral, referral weight |
 * | 3 x 8 | float64: updatedAt, answeringSince, answeredAt, ms since the epoch (NaN for none) |
 *
 * A naming:
 *
 * | bytes | what |
 * |---|---|
 * | 8 | float64: namedAt, ms since the epoch |
 * | 2 + n | length and multihash of the referrer |
 *
 * A later version may change all but the first byte. Version 1 is still read. It has a score
 * without answeringSince and answeredAt right after the version, and then:
 *
 * | bytes | what |
 * |---|---|
 * | 1 | its place in the routing table, up to 3 |
 * | 1 + n | length and multihash of another peer, or 0 |
 */
const VERSION = 2
const FIRST_VERSION = 1

const SCORE = 0
const NAMING = 1

const SCORE_LENGTH = 49
const NAMED_AT_LENGTH = 8

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
const FIRST_VERSION_SCORE_LENGTH = 33
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
export function encodeStoredPeer ({ peer, score, naming, addresses }: StoredPeer): Uint8Array {
  const storable = addresses.filter(({ multiaddr }) => multiaddr.byteLength <= MAX_MULTIADDR_LENGTH)
  const best = storable.toSorted((a, b) => b.reliability - a.reliability).slice(0, MAX_ADDRESSES)
  const kept = storable.filter(address => best.includes(address))
  const addressesLength = kept.reduce((length, { multiaddr }) => length + 3 + multiaddr.byteLength, 1)

  const contentLength = score === undefined ? NAMED_AT_LENGTH + 2 + naming.referrer.byteLength : SCORE_LENGTH
  const bytes = new Uint8Array(2 + contentLength + addressesLength + CHECKSUM_LENGTH)
  const view = new DataView(bytes.buffer)

  view.setUint8(0, VERSION)
  view.setUint8(1, score === undefined ? NAMING : SCORE)

  if (score === undefined) {
    view.setFloat64(2, naming.namedAt)
    view.setUint16(2 + NAMED_AT_LENGTH, naming.referrer.byteLength)
    bytes.set(naming.referrer, 2 + NAMED_AT_LENGTH + 2)
  } else {
    writeScore(new DataView(bytes.buffer, 2, SCORE_LENGTH), score)
  }

  let offset = 2 + contentLength
  view.setUint8(offset++, kept.length)

  for (const { multiaddr, reliability } of kept) {
    view.setUint8(offset, Math.round(reliability * ADDRESS_RELIABILITY_STEPS))
    view.setUint16(offset + 1, multiaddr.byteLength)
    bytes.set(multiaddr, offset + 3)
    offset += 3 + multiaddr.byteLength
  }

  return signRecord(peer, bytes)
}

/**
 * Reads what `encodeStoredPeer` wrote. It never throws: a record is unreadable when a byte of
 * its key or value has changed, or when it has a value that no peer can have.
 *
 * @param peer - The key under which the bytes were found: the peer's multihash
 */
export function decodeStoredPeer (peer: Uint8Array, value: Uint8Array): DecodedPeer {
  const record = readRecord(peer, value, [VERSION, FIRST_VERSION], (reader, version) => ({
    ...version === FIRST_VERSION ? readFirstVersion(reader) : readContent(reader),
    addresses: readAddresses(reader)
  }))

  return record.type === 'readable' ? { type: 'readable', peer: { peer: new Uint8Array(peer), ...record.content } } : record
}

function writeScore (view: DataView, score: PeerScore): void {
  view.setUint8(0, score.lastOutcome === undefined ? 0 : OUTCOME_CODES[score.lastOutcome])
  view.setFloat32(1, score.reliability)
  view.setFloat32(5, score.weight)
  view.setFloat32(9, score.latencyMs ?? NaN)
  view.setFloat32(13, score.latencyDeviationMs ?? NaN)
  view.setFloat32(17, score.referral)
  view.setFloat32(21, score.referralWeight)
  view.setFloat64(25, score.updatedAt)
  view.setFloat64(33, score.answeringSince ?? NaN)
  view.setFloat64(41, score.answeredAt ?? NaN)
}

function readContent (reader: RecordReader): Pick<StoredScoredPeer, 'score'> | Pick<StoredNamedPeer, 'naming'> {
  if (atMost(NAMING, reader.uint8()) === SCORE) {
    const view = reader.view(SCORE_LENGTH)

    return { score: readScore(view, { answeringSince: unlessNaN(view.getFloat64(33)), answeredAt: unlessNaN(view.getFloat64(41)) }) }
  }

  const naming = { namedAt: reader.view(NAMED_AT_LENGTH).getFloat64(0), referrer: reader.take(reader.uint16()) }

  if (!(naming.namedAt >= 0 && naming.namedAt < Infinity) || naming.referrer.byteLength === 0) {
    throw new RangeError('nobody can have named it, or never')
  }

  return { naming }
}

function readFirstVersion (reader: RecordReader): Pick<StoredScoredPeer, 'score'> {
  const view = reader.view(FIRST_VERSION_SCORE_LENGTH)
  // a latency tells that the peer has answered, and nothing tells when; its last change is the latest that it can have been
  const answeredAt = unlessNaN(view.getFloat32(9)) === undefined ? undefined : view.getFloat64(25)
  const score = readScore(view, { answeringSince: answeredAt, answeredAt })

  // where the peer stood in the routing table: nobody needs it
  atMost(LAST_PLACE, reader.uint8())
  reader.take(reader.uint8())

  return { score }
}

function readScore (view: DataView, answers: Pick<PeerScore, 'answeringSince' | 'answeredAt'>): PeerScore {
  const outcomeCode = view.getUint8(0)
  const lastOutcome = OUTCOMES_BY_CODE.get(outcomeCode)

  if (outcomeCode !== 0 && lastOutcome === undefined) {
    throw new RangeError(`there is no outcome ${outcomeCode}`)
  }

  const score = {
    reliability: view.getFloat32(1),
    weight: view.getFloat32(5),
    latencyMs: unlessNaN(view.getFloat32(9)),
    latencyDeviationMs: unlessNaN(view.getFloat32(13)),
    referral: view.getFloat32(17),
    referralWeight: view.getFloat32(21),
    lastOutcome,
    ...answers,
    updatedAt: view.getFloat64(25)
  }
  checkPeerScore(score)

  return score
}

function unlessNaN (value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

function readAddresses (reader: RecordReader): StoredAddress[] {
  const addresses: StoredAddress[] = []

  for (let left = atMost(MAX_ADDRESSES, reader.uint8()); left > 0; left--) {
    const reliability = atMost(ADDRESS_RELIABILITY_STEPS, reader.uint8()) / ADDRESS_RELIABILITY_STEPS
    const multiaddr = reader.take(atMost(MAX_MULTIADDR_LENGTH, reader.uint16()))

    addresses.push({ multiaddr, reliability })
  }

  return addresses
}

function atMost (max: number, value: number): number {
  if (value > max) {
    throw new RangeError(`${value} is above ${max}`)
  }

  return value
}
