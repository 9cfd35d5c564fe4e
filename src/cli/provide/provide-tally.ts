import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as digest from 'multiformats/hashes/digest'
import { MAX_FAILURES } from './provide-report.ts'
import type { BulkPutEvent } from '../../libp2p/publish/bulk/bulk-publisher.ts'

/**
 * How far a bulk put has come. Keys that fail are tried again in the same put, so what is stored is
 * counted by what waits no longer.
 */
export class ProvideTally {
  readonly #total: number
  #waiting: number
  /** Since it was last said how many wait */
  #storedSince = 0
  #failed = 0
  readonly #failures = new Set<string>()

  /**
   * @param total - How many keys wait at the start
   */
  constructor (total: number) {
    this.#total = this.#waiting = total
  }

  get total (): number {
    return this.#total
  }

  get stored (): number {
    return Math.min(this.#total, this.#total - this.#waiting + this.#storedSince)
  }

  /** How many keys have failed since all that wait were tried last */
  get failed (): number {
    return this.#failed
  }

  /** Some of the keys that have failed and were not stored since, as CIDs */
  get failures (): string[] {
    return [...this.#failures]
  }

  add (event: BulkPutEvent): void {
    switch (event.type) {
      case 'added':
        break
      case 'key':
        this.#addKey(event)
        break
      case 'progress':
        this.#waiting = event.waiting
        this.#storedSince = 0
        this.#failed = event.failed
        break
      default:
        event satisfies never
    }
  }

  #addKey ({ key, result }: BulkPutEvent & { type: 'key' }): void {
    if (result === 'failed') {
      this.#failed++

      if (this.#failures.size < MAX_FAILURES) {
        this.#failures.add(cidText(key))
      }
    } else {
      this.#storedSince++

      if (this.#failures.size > 0) {
        this.#failures.delete(cidText(key))
      }
    }
  }
}

/** A multihash as a CID. What codec it had is not kept. */
export function cidText (multihash: Uint8Array): string {
  return CID.createV1(raw.code, digest.decode(multihash)).toString()
}
