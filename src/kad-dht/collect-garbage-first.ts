import { bucketOf } from './internals.ts'
import type { KBucketTrie } from './internals.ts'
import type { ScoredPing } from '../libp2p/peers/scored-ping.ts'

export interface CollectGarbageFirstInit {
  ping: ScoredPing
  /** The unacceptable ones among these peers, the worst first; no more than `count` */
  evictionCandidates: (peers: string[], count: number) => string[]
}

/**
 * When a bucket is full and somebody knocks, its unacceptable peers are pinged
 * before those that merely are old.
 */
export function collectGarbageFirst (kb: KBucketTrie, { ping, evictionCandidates }: CollectGarbageFirstInit): void {
  const pingOldContacts = kb.ping

  kb.ping = async function * (contacts, options) {
    const bucket = contacts.length === 0 ? [] : bucketOf(kb, contacts[0].kadId)
    const poor = new Set(evictionCandidates(bucket.map(({ peerId }) => peerId.toString()), contacts.length))
    const chosen = poor.size === 0 ? contacts : bucket.filter(({ peerId }) => poor.has(peerId.toString()))
    const release = ping.insist(chosen.map(({ peerId }) => peerId))

    try {
      yield * pingOldContacts(chosen, options)
    } finally {
      release()
    }
  }
}
