/**
 * What decides whether an address of a peer is kept
 */
export interface AddressRecord {
  /** Running mean of dials that worked, 0 to 1; 0.5 when never dialled */
  reliability: number
  /** When it worked last, as a number that only grows; undefined when it never did */
  workedAt: number | undefined
  /** How often it was named */
  named: number
  /** The number of the answer that named it first, so that one answer can't take all places */
  naming: number
  /** Addresses of one kind mostly work together, or fail together */
  kind: string
  /** Whether it leads through a relay */
  relayed: boolean
}

/** An address that was never dialled */
const NEUTRAL = 0.5

/**
 * Keep an address of a peer, in place of another one where there are too many. An address that
 * has worked never makes room for one that has not, unless it fails now and another has
 * worked since. Addresses that were never dialled share the places fairly: first the answers
 * that named them, then their kinds. Of these, the address that is named most often stays.
 *
 * @param addresses - Those kept so far, the most promising first; this list changes
 * @returns Whether it was kept
 */
export function placeAddress<A extends AddressRecord> (addresses: A[], added: A, maxAddresses: number): boolean {
  if (addresses.length >= maxAddresses) {
    const victim = victimOf(addresses, added)

    if (victim === undefined) {
      return false
    }

    addresses.splice(addresses.indexOf(victim), 1)
  }

  addresses.push(added)
  sortAddresses(addresses)

  return true
}

/**
 * The most reliable first, then those without a relay, then those named most often
 */
export function sortAddresses (addresses: AddressRecord[]): void {
  addresses.sort((a, b) => b.reliability - a.reliability || Number(a.relayed) - Number(b.relayed) || b.named - a.named)
}

function victimOf<A extends AddressRecord> (addresses: A[], added: A): A | undefined {
  const strangers = addresses.filter(({ workedAt }) => workedAt === undefined)
  const failed = strangers.filter(({ reliability }) => reliability < NEUTRAL)

  if (failed.length > 0) {
    return added.reliability < NEUTRAL && added.workedAt === undefined ? undefined : leastReliable(failed)
  }

  if (added.workedAt === undefined) {
    return sharedOut(strangers, added) ?? leastReliable(addresses.filter(address => isOutdated(address, addresses)))
  }

  return strangers.at(-1) ?? leastReliable(addresses.filter(({ reliability }) => reliability < added.reliability))
}

/** Whether an address fails now while another has worked since it worked last */
function isOutdated ({ workedAt, reliability }: AddressRecord, addresses: AddressRecord[]): boolean {
  return workedAt !== undefined && reliability < NEUTRAL && addresses.some(other => (other.workedAt ?? -Infinity) > workedAt)
}

/** An address of the answer that has more than its share of the places, or of the kind that has */
function sharedOut<A extends AddressRecord> (strangers: A[], added: A): A | undefined {
  const naming = largestGroup(strangers, ({ naming }) => naming)
  const ofSame = strangers.filter(address => address.naming === added.naming)

  if (naming.length === 0) {
    return undefined
  }

  const kind = largestGroup(naming, ({ kind }) => kind)
  const hasMore = naming[0].naming === added.naming
    ? ofSame.filter(address => address.kind === added.kind).length < kind.length
    : ofSame.length < naming.length

  return hasMore ? kind.toSorted((a, b) => a.named - b.named || strangers.indexOf(b) - strangers.indexOf(a))[0] : undefined
}

function largestGroup<A> (addresses: A[], groupOf: (address: A) => string | number): A[] {
  return [...Map.groupBy(addresses, groupOf).values()].reduce<A[]>((largest, group) => group.length > largest.length ? group : largest, [])
}

function leastReliable<A extends AddressRecord> (addresses: A[]): A | undefined {
  return addresses.reduce<A | undefined>((least, address) => least === undefined || address.reliability < least.reliability ? address : least, undefined)
}
