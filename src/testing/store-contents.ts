import { compare } from 'uint8arrays/compare'
import type { ScoreStore, StoredAddress, StoredPeer, UnreadableEntry } from '../persistence/score-store.ts'
import type { AbortOptions } from '@libp2p/interface'

/**
 * What a store held when it was read
 */
export interface StoreContents {
  peers: StoredPeer[]
  unreadable: UnreadableEntry[]
}

/**
 * Everything in an open store, sorted by peer and in one form. Without one form the contents could not be
 * compared: some stores return Buffers, and some formats leave out fields that are undefined.
 */
export async function storeContents (store: ScoreStore, options: AbortOptions = {}): Promise<StoreContents> {
  const peers: StoredPeer[] = []
  const unreadable: UnreadableEntry[] = []

  for await (const peer of store.load(entry => { unreadable.push({ ...entry, peer: bytesIfAny(entry.peer) }) }, options)) {
    peers.push(inOneForm(peer))
  }

  return { peers: peers.sort((a, b) => timeOf(a) - timeOf(b) || compare(a.peer, b.peer)), unreadable }
}

function timeOf ({ score, naming }: StoredPeer): number {
  return naming == null ? score.updatedAt : naming.namedAt
}

function inOneForm ({ peer, score, naming, addresses: stored }: StoredPeer): StoredPeer {
  const addresses = stored.map(({ multiaddr, reliability }): StoredAddress => ({ multiaddr: bytes(multiaddr), reliability }))

  if (naming != null) {
    return { peer: bytes(peer), naming: { referrer: bytes(naming.referrer), namedAt: naming.namedAt }, addresses }
  }

  const { reliability, weight, latencyMs, latencyDeviationMs, referral, referralWeight, lastOutcome, answeringSince, answeredAt, updatedAt } = score

  return {
    peer: bytes(peer),
    score: { reliability, weight, latencyMs, latencyDeviationMs, referral, referralWeight, lastOutcome, answeringSince, answeredAt, updatedAt },
    addresses
  }
}

function bytes (array: Uint8Array): Uint8Array {
  return new Uint8Array(array)
}

function bytesIfAny (array: Uint8Array | undefined): Uint8Array | undefined {
  return array === undefined ? undefined : bytes(array)
}
