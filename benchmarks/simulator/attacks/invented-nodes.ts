import { keyName } from './key-name.ts'
import { headOf } from '../tables/key-index.ts'
import { HashedRandom } from '../world/hashed-random.ts'
import type { Network, RequestCourse } from '../world/network.ts'
import type { Population } from '../world/population.ts'
import type { Sessions } from '../world/sessions.ts'
import type { World } from '../world/world.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

const ID_BYTES = 32

/** The inventions share this many more bits with the target than the closest real peer is expected to, so they are closer than any */
const CLOSER_BITS = 8

const NOTHING: Readonly<RequestCourse> = { firstSignMs: Infinity, connectedMs: Infinity, answeredMs: Infinity, refusedMs: Infinity }

interface Answer {
  liar: number
  target: KadId
}

/**
 * Nodes that do not exist. They are named in answers, close to the target, with addresses
 * at which nobody says anything. They get numbers above those of all real nodes.
 */
export class InventedNodes {
  /** The world as those see it who have heard of inventions */
  readonly world: World

  readonly #real: Population
  readonly #count: number
  readonly #ids: HashedRandom
  readonly #prefixBits: number
  readonly #answers: Answer[] = []
  /** The number of an answer, by who gave it to which target */
  readonly #numbers = new Map<string, number>()
  readonly #kadIds = new Map<number, KadId>()

  /**
   * @param count - Number of inventions in one answer
   */
  constructor (world: World, { seed, count }: { seed: number, count: number }) {
    this.#real = world.population
    this.#count = count
    this.#ids = new HashedRandom(seed, 'inventions')
    this.#prefixBits = Math.ceil(Math.log2(world.population.size)) + CLOSER_BITS
    this.world = { population: this.#population(), sessions: this.#sessions(world.sessions), network: this.#network(world.network) }
  }

  has (node: number): boolean {
    return node >= this.#real.size
  }

  /** What a liar names when it is asked for a target. It is the same each time. */
  named (liar: number, target: KadId): number[] {
    const name = `${liar} ${keyName(target)}`
    let number = this.#numbers.get(name)

    if (number === undefined) {
      number = this.#answers.push({ liar, target }) - 1
      this.#numbers.set(name, number)
    }

    const first = this.#real.size + number * this.#count

    return Array.from({ length: this.#count }, (_, i) => first + i)
  }

  /** A random key with the first bits of the target */
  #kadId (node: number): KadId {
    const known = this.#kadIds.get(node)

    if (known !== undefined) {
      return known
    }

    const place = node - this.#real.size
    const { liar, target } = this.#answers[Math.floor(place / this.#count)]
    // the same for all clients, whichever of them was the first to ask
    const draw = this.#ids.sequence(this.#ids.word(liar, headOf(target), place % this.#count))
    const kadId = Uint8Array.from({ length: ID_BYTES }, (_, i) => {
      const kept = 0xff00 >> Math.min(8, Math.max(0, this.#prefixBits - 8 * i)) & 0xff

      return (target[i] & kept) | (Math.floor(256 * draw()) & ~kept & 0xff)
    })

    this.#kadIds.set(node, kadId)

    return kadId
  }

  #population (): Population {
    const real = this.#real
    const either = <T>(ofReal: (node: number) => T, ofInvented: T) => (node: number): T => this.has(node) ? ofInvented : ofReal(node)

    return {
      size: real.size,
      kadId: node => this.has(node) ? this.#kadId(node) : real.kadId(node),
      head: node => this.has(node) ? headOf(this.#kadId(node)) : real.head(node),
      region: either(node => real.region(node), 0),
      lastMileMs: either(node => real.lastMileMs(node), 0),
      implementation: either(node => real.implementation(node), 'go-kad-dht'),
      reach: either(node => real.reach(node), 'public'),
      absence: either(node => real.absence(node), 'silent'),
      habit: either(node => real.habit(node), 'none'),
      range: (key, bits) => real.range(key, bits),
      closest: (target, n, accept) => real.closest(target, n, accept)
    }
  }

  #sessions (real: Sessions): Sessions {
    return {
      isOnline: (node, now) => !this.has(node) && real.isOnline(node, now),
      since: (node, now) => this.has(node) ? -Infinity : real.since(node, now)
    }
  }

  #network (real: Network): Network {
    return {
      rttMs: (from, to) => this.has(to) ? Infinity : real.rttMs(from, to),
      heldMs: node => this.has(node) ? Infinity : real.heldMs(node),
      request: (from, to, options, now) => this.has(to) ? NOTHING : real.request(from, to, options, now)
    }
  }
}
