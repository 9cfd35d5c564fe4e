import type { Region } from '../../../../../src/publish/region.ts'
import type { BulkKey } from '../../requests/bulk-key.ts'

/** Keys under one prefix */
export interface PrefixKeys {
  prefix: Region
  keys: BulkKey[]
}

/**
 * The keys that wait, by prefix, as Go's sweeping provider has them (provider/internal/queue/provide.go).
 * No prefix in it lies within another.
 */
export class ProvideQueue {
  #waiting: PrefixKeys[] = []

  get length (): number {
    return this.#waiting.length
  }

  /** Add keys behind all others, or to those that wait already under a prefix that overlaps */
  add ({ prefix, keys }: PrefixKeys): void {
    const overlapping = this.#waiting.filter(other => other.prefix.touches(prefix))
    const [first] = overlapping

    if (first === undefined) {
      this.#waiting.push({ prefix, keys: [...keys] })
      return
    }

    first.keys = [...overlapping.flatMap(({ keys }) => keys), ...keys]
    first.prefix = first.prefix.length > prefix.length ? prefix : first.prefix
    this.#waiting = this.#waiting.filter(other => other === first || !overlapping.includes(other))
  }

  /** The first prefix and its keys, which wait no longer */
  next (): PrefixKeys | undefined {
    return this.#waiting.shift()
  }

  /** The keys under a prefix, which wait no longer */
  take (prefix: Region): BulkKey[] {
    const taken: BulkKey[] = []

    for (const waiting of this.#waiting.filter(other => other.prefix.touches(prefix))) {
      taken.push(...waiting.keys.filter(({ kadId }) => prefix.contains(kadId)))
      waiting.keys = waiting.keys.filter(({ kadId }) => !prefix.contains(kadId))
    }

    this.#waiting = this.#waiting.filter(({ keys }) => keys.length > 0)

    return taken
  }
}
