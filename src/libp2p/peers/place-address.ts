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
  /** Which naming it came with, so that one answer can't take all places */
  naming: number
  /** Addresses of one kind are likely to share their fate */
  kind: string
  /** Whether it leads through a relay */
  relayed: boolean
}

/** An address that was never dialled */
const NEUTRAL = 0.5

/**
 * Keep an address of a peer, in place of another where there are too many. What
 * worked is never displaced by what did not, but for addresses that fail now while
 * another has worked since. Among those never dialled, the places are shared between
 * namings, then between kinds, and what is named most often stays.
 *
 * @param addresses - Those kept so far, which change; the most promising first
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

/** It fails, and another has worked since */
function isOutdated ({ workedAt, reliability }: AddressRecord, addresses: AddressRecord[]): boolean {
  return workedAt !== undefined && reliability < NEUTRAL && addresses.some(other => (other.workedAt ?? -Infinity) > workedAt)
}

/** One of the naming, or of the kind, that has more than its share */
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
