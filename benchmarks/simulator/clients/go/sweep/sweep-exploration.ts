import { commonPrefixLength } from '../../../../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../../../../src/keyspace/xor-distance.ts'
import { Region } from '../../../../../src/publish/region.ts'
import type { KadId } from '../../../../../src/keyspace/kad-id.ts'
import type { KBucketEntry } from '../../../../../src/routing-table/k-buckets.ts'

/** go-kad-dht provider/provider.go `maxExplorationPrefixSearches`, `maxConsecutiveNoFreshPeers` */
const MAX_LOOKUPS = 64
const MAX_WITHOUT_NEWS = 2

/** go-libp2p-kbucket `PeerIDPreimageMaxCpl`: a key is found in a list, so that only so many leading bits are as wanted */
const EXACT_BITS = 15

export interface SweepExplorationInit {
  prefix: Region
  /** The client's own kad id. Of several gaps, the one closest to it comes first. */
  order: KadId
  k: number
  random: () => number
  /** Find the closest peers to a kad id */
  lookUp: (target: KadId, done: (closest: Array<KBucketEntry<number>>) => void) => void
  /** All that was found, and the prefix that they answer for. Nobody where the exploration failed. */
  onEnd: (peers: Array<KBucketEntry<number>>, prefix: Region) => void
}

/**
 * How Go's sweeping provider finds the peers under a prefix (provider/provider.go
 * `closestPeersToPrefix`): lookup after lookup into the first gap, until there is none and k peers
 * lie under the prefix, which becomes shorter where it has fewer.
 */
export class SweepExploration {
  readonly #init: SweepExplorationInit
  readonly #peers = new Map<number, KBucketEntry<number>>()
  readonly #covered: Region[] = []
  #prefix: Region
  #lookups = 0
  #withoutNews = 0

  constructor (init: SweepExplorationInit) {
    this.#init = init
    this.#prefix = init.prefix
  }

  start (): void {
    this.#lookInto(this.#prefix)
  }

  #lookInto (gap: Region): void {
    const { lookUp, random, onEnd } = this.#init
    const wanted = this.#firstOf(gap)

    this.#lookups++
    lookUp(new Region(wanted, Math.min(EXACT_BITS, wanted.length * 8)).randomKadId(random), closest => {
      if (closest.length === 0) {
        onEnd([], this.#prefix)
        return
      }

      const [next] = this.#found(wanted, closest) ? this.#gaps() : []

      if (next === undefined || this.#lookups === MAX_LOOKUPS) {
        this.#end()
      } else {
        this.#lookInto(next)
      }
    })
  }

  /** The kad id under a prefix that is closest to the client */
  #firstOf ({ bits, length }: Region): KadId {
    const rest = new Region(this.#init.order, length).bits

    return this.#init.order.map((byte, index) => byte ^ rest[index] ^ bits[index])
  }

  /** @returns Whether it is worth to go on */
  #found (wanted: KadId, closest: Array<KBucketEntry<number>>): boolean {
    const known = this.#peers.size
    // a peer that is alone covers nothing but its own kad id
    let target = closest.length === 1 ? closest[0].kadId : wanted
    let length = coveredLength(target, closest)
    let peers = within(target, length, closest)

    // nobody has the next bit as the target has it: all are in the other half
    while (peers.length === 0) {
      this.#covered.push(new Region(target, length))
      target = target.map((byte, index) => byte ^ (index === (length - 1) >> 3 ? 0x80 >> ((length - 1) & 7) : 0))
      length = coveredLength(target, closest)
      peers = within(target, length, closest)
    }

    peers.forEach(entry => { this.#peers.set(entry.peer, entry) })
    this.#withoutNews = this.#peers.size === known ? this.#withoutNews + 1 : 0

    if (this.#withoutNews === MAX_WITHOUT_NEWS) {
      return false
    }

    this.#covered.push(new Region(target, length))

    return true
  }

  /** What is not covered, the nearest to the client first. The prefix becomes shorter while it is covered and has too few peers. */
  #gaps (): Region[] {
    const { order } = this.#init
    let gaps = this.#prefix.without(this.#covered)

    while (gaps.length === 0 && this.#prefix.parent !== undefined && !this.#holdsEnough()) {
      this.#prefix = this.#prefix.parent
      gaps = this.#prefix.without(this.#covered)
    }

    return gaps.sort((a, b) => compareDistance(order, this.#firstOf(a), this.#firstOf(b)))
  }

  #holdsEnough (): boolean {
    return Array.from(this.#peers.values()).filter(({ kadId }) => this.#prefix.contains(kadId)).length >= this.#init.k
  }

  #end (): void {
    while (this.#prefix.parent !== undefined && !this.#holdsEnough()) {
      this.#prefix = this.#prefix.parent
    }

    this.#init.onEnd([...this.#peers.values()], this.#prefix)
  }
}

/** One bit more than the furthest peer shares with the target */
function coveredLength (target: KadId, closest: Array<KBucketEntry<number>>): number {
  return Math.min(target.length * 8, 1 + Math.min(...closest.map(({ kadId }) => commonPrefixLength(target, kadId))))
}

function within (target: KadId, length: number, peers: Array<KBucketEntry<number>>): Array<KBucketEntry<number>> {
  return peers.filter(({ kadId }) => commonPrefixLength(target, kadId) >= length)
}
