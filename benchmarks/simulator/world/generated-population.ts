import { HashedRandom } from './hashed-random.ts'
import { REGIONS } from './regions.ts'
import { WeightedChoice } from './weighted-choice.ts'
import type { WorldConditions } from './conditions.ts'
import type { Absence, Habit, Implementation, Population, Reach } from './population.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

const ID_BYTES = 32

export interface GeneratedPopulationInit {
  /** Number of nodes */
  size: number
  seed: number
  conditions: WorldConditions
}

/**
 * Nodes with uniformly random kad ids. 45 bytes are stored for each node. All other
 * properties of a node are hashed from the seed when they are asked for.
 */
export class GeneratedPopulation implements Population {
  readonly size: number

  readonly #conditions: WorldConditions
  /** All kad ids, in ascending order */
  readonly #ids: Uint8Array
  /** The first 32 bits of each kad id. They are enough for nearly every comparison, and take only a few cache lines. */
  readonly #heads: Uint32Array
  readonly #regions: Uint8Array
  /** For each node a view into `#ids`, made when it is first asked for */
  readonly #kadIds: KadId[]

  readonly #lastMiles: HashedRandom
  readonly #traits: HashedRandom
  readonly #absences: WeightedChoice

  constructor ({ size, seed, conditions }: GeneratedPopulationInit) {
    this.size = size
    this.#conditions = conditions
    this.#ids = new Uint8Array(size * ID_BYTES)
    this.#heads = new Uint32Array(size)
    this.#regions = new Uint8Array(size)
    this.#kadIds = new Array<KadId>(size)
    this.#lastMiles = new HashedRandom(seed, 'last mile')
    this.#traits = new HashedRandom(seed, 'traits')
    this.#absences = new WeightedChoice(ABSENCE_ORDER.map(absence => conditions.absenceShares[absence]))
    this.#drawIds(new HashedRandom(seed, 'kad id'))
    this.#drawRegions(new HashedRandom(seed, 'region'))
  }

  kadId (node: number): KadId {
    this.#kadIds[node] ??= this.#ids.subarray(node * ID_BYTES, (node + 1) * ID_BYTES)

    return this.#kadIds[node]
  }

  head (node: number): number {
    return this.#heads[node]
  }

  region (node: number): number {
    return this.#regions[node]
  }

  lastMileMs (node: number): number {
    const { lastMileMedianMs, lastMileSigma } = this.#conditions

    return lastMileMedianMs * Math.exp(lastMileSigma * this.#lastMiles.normal(node))
  }

  implementation (node: number): Implementation {
    if (this.#trait(node, TRAITS.scored) < this.#conditions.adoption) {
      return 'scored'
    }

    return this.#trait(node, TRAITS.kadDht) < this.#conditions.kadDhtShare ? 'kad-dht' : 'go-kad-dht'
  }

  reach (node: number): Reach {
    const { natShare, natRelayedShare, unreachableShare } = this.#conditions

    if (this.#trait(node, TRAITS.nat) < natShare) {
      return this.#trait(node, TRAITS.relayed) < natRelayedShare ? 'relayed' : 'unreachable'
    }

    return this.#trait(node, TRAITS.unreachable) < unreachableShare ? 'unreachable' : 'public'
  }

  absence (node: number): Absence {
    return ABSENCE_ORDER[this.#absences.pick(this.#trait(node, TRAITS.absence))]
  }

  habit (node: number): Habit {
    const { slowShare, liesShare } = this.#conditions
    const draw = this.#trait(node, TRAITS.habit)

    return draw < liesShare ? 'lies' : draw < liesShare + slowShare ? 'slow' : 'none'
  }

  range (key: KadId, bits: number): { from: number, to: number } {
    // nodes before the range compare below the prefix, and nodes behind it above
    return {
      from: this.#search(0, this.size, node => this.#comparePrefix(node, key, bits) >= 0),
      to: this.#search(0, this.size, node => this.#comparePrefix(node, key, bits) > 0)
    }
  }

  closest (target: KadId, n: number, accept?: (node: number) => boolean): number[] {
    const found: number[] = []
    // ranges of nodes that are still to be read, the closest on top: all nodes of a range are closer than all
    // nodes of the ranges below it
    const pending = [0, this.size]

    while (found.length < n && pending.length > 0) {
      let to = pending.pop() as number
      let from = pending.pop() as number

      while (to - from > 1) {
        // in a sorted range, the bits that the first and the last node share are shared by all
        const bit = this.#commonBits(from, to - 1)
        const middle = this.#firstWithBit(from, to, bit)

        if (bitOf(target, bit) === 1) {
          pending.push(from, middle)
          from = middle
        } else {
          pending.push(middle, to)
          to = middle
        }
      }

      if (to > from && (accept === undefined || accept(from))) {
        found.push(from)
      }
    }

    return found
  }

  #trait (node: number, trait: number): number {
    return this.#traits.uniform(node, trait)
  }

  #drawIds (random: HashedRandom): void {
    // a number holds 53 bits exactly, and typed arrays of numbers sort fast
    const keys = new Float64Array(this.size)

    for (let i = 0; i < keys.length; i++) {
      // the hash of a changing integer never repeats, but random ids may
      const high = (random.word(i, 0) ^ random.word(i, 1)) >>> 0

      keys[i] = high * 2 ** 21 + (random.word(i, 2) >>> 11)
    }

    keys.sort()
    const view = new DataView(this.#ids.buffer)

    for (let node = 0; node < keys.length; node++) {
      if (node > 0 && keys[node] <= keys[node - 1]) {
        // makes all keys different, so that the bits that follow do not matter for the order
        keys[node] = keys[node - 1] + 1
      }

      const offset = node * ID_BYTES
      const head = Math.floor(keys[node] / 2 ** 21)

      this.#heads[node] = head
      view.setUint32(offset, head)
      view.setUint32(offset + 4, keys[node] % 2 ** 21 * 2 ** 11 + (random.word(node, 3) >>> 21))

      for (let word = 2; word < ID_BYTES / 4; word++) {
        view.setUint32(offset + 4 * word, random.word(node, word + 2))
      }
    }
  }

  #drawRegions (random: HashedRandom): void {
    const regions = new WeightedChoice(REGIONS.map(region => this.#conditions.regionShares[region] ?? 0))

    for (let node = 0; node < this.size; node++) {
      this.#regions[node] = regions.pick(random.uniform(node))
    }
  }

  /** Number of leading bits that two different nodes share */
  #commonBits (a: number, b: number): number {
    const difference = this.#heads[a] ^ this.#heads[b]

    if (difference !== 0) {
      return Math.clz32(difference)
    }

    let byte = 4

    while (this.#ids[a * ID_BYTES + byte] === this.#ids[b * ID_BYTES + byte]) {
      byte++
    }

    return byte * 8 + Math.clz32(this.#ids[a * ID_BYTES + byte] ^ this.#ids[b * ID_BYTES + byte]) - 24
  }

  /** The first node of a range that has a certain bit set. All nodes of the range share the bits before it. */
  #firstWithBit (from: number, to: number, bit: number): number {
    if (bit >= 32) {
      return this.#search(from, to, node => (this.#ids[node * ID_BYTES + (bit >> 3)] >> (7 - (bit & 7)) & 1) === 1)
    }

    const mask = 1 << (31 - bit)
    let low = from
    let high = to

    while (low < high) {
      const middle = (low + high) >>> 1

      if ((this.#heads[middle] & mask) === 0) {
        low = middle + 1
      } else {
        high = middle
      }
    }

    return low
  }

  /** Below 0 when the node's id comes before all keys with the prefix, above 0 when it comes after all of them */
  #comparePrefix (node: number, key: KadId, bits: number): number {
    const offset = node * ID_BYTES
    const bytes = bits >> 3

    for (let i = 0; i < bytes; i++) {
      if (this.#ids[offset + i] !== key[i]) {
        return this.#ids[offset + i] - key[i]
      }
    }

    const rest = 8 - (bits & 7)

    return rest === 8 ? 0 : (this.#ids[offset + bytes] >> rest) - (key[bytes] >> rest)
  }

  /** The first node of a range for which a condition holds. If it holds for one node, it holds for all later ones. */
  #search (from: number, to: number, holds: (node: number) => boolean): number {
    let low = from
    let high = to

    while (low < high) {
      const middle = (low + high) >>> 1

      if (holds(middle)) {
        high = middle
      } else {
        low = middle + 1
      }
    }

    return low
  }
}

const ABSENCE_ORDER = ['refuses', 'silent', 'stalls'] as const

/** A number for each property that is drawn */
const TRAITS = { scored: 0, kadDht: 1, nat: 2, relayed: 3, unreachable: 4, absence: 5, habit: 6 } as const

function bitOf (key: KadId, bit: number): number {
  return key[bit >> 3] >> (7 - (bit & 7)) & 1
}
