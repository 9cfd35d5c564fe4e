import { HashedRandom } from '../world/hashed-random.ts'
import { AttackedTables } from './attacked-tables.ts'
import { FastNetwork } from './fast-network.ts'
import { keyName } from './key-name.ts'
import type { Attack, AttackedKey, AttackInit } from './attack.ts'
import type { Scene } from '../scenes/scene.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

/** Share of the k closest peers to a key that are hostile, unless said otherwise */
const SHARE = 0.2

interface Siege {
  /** The hostile nodes, by ascending XOR distance from the key */
  nodes: number[]
  /** Whether they name each other; else they name nobody */
  nameEachOther: boolean
}

/**
 * Some of the k closest peers to each key are a coalition. When the key is searched for,
 * they answer before all others, and hold nothing. For every other key of the run they name
 * nobody, for those between only each other. To all who look for something else they are
 * peers like any other, so that nobody knows them for what they are.
 */
export class AnswersFirst implements Attack {
  readonly scene: Scene
  readonly known: readonly number[] = []

  readonly #init: AttackInit
  readonly #choice: HashedRandom
  readonly #sieges = new Map<string, Siege>()
  /** For each hostile node: the times at which it is fast, ms */
  readonly #fast = new Map<number, Array<{ from: number, to: number }>>()

  constructor (init: AttackInit) {
    const { scene: { world, tables }, seed } = this.#init = init

    this.#choice = new HashedRandom(seed, 'who answers first')
    this.scene = {
      world: {
        ...world,
        network: new FastNetwork(world.network, (node, now) => this.#isFast(node, now) && world.sessions.isOnline(node, now))
      },
      tables: new AttackedTables(tables, (node, target) => this.#lie(node, target))
    }
  }

  besiege ({ key, index, dueAtMs, untilMs }: AttackedKey): void {
    const { scene: { world: { population, sessions } }, k, share = SHARE } = this.#init
    const closest = population.closest(key, k, node => population.reach(node) !== 'unreachable' && sessions.isOnline(node, dueAtMs))
    const hostile = new Set(closest
      .filter(node => population.reach(node) === 'public')
      .map(node => ({ node, order: this.#choice.word(node, index) }))
      .sort((a, b) => a.order - b.order)
      .slice(0, Math.round(share * k))
      .map(({ node }) => node))
    const nodes = closest.filter(node => hostile.has(node))

    this.#sieges.set(keyName(key), { nodes, nameEachOther: index % 2 === 1 })

    for (const node of nodes) {
      const times = this.#fast.get(node) ?? []

      this.#fast.set(node, [...times, { from: dueAtMs, to: untilMs }])
    }
  }

  isHostile (node: number, key: KadId): boolean {
    return this.#sieges.get(keyName(key))?.nodes.includes(node) ?? false
  }

  exists (): boolean {
    return true
  }

  #isFast (node: number, now: number): boolean {
    return this.#fast.get(node)?.some(({ from, to }) => now >= from && now <= to) ?? false
  }

  #lie (node: number, target: KadId): number[] | undefined {
    const siege = this.#sieges.get(keyName(target))

    if (siege === undefined || !siege.nodes.includes(node)) {
      return undefined
    }

    return siege.nameEachOther ? siege.nodes.filter(other => other !== node) : []
  }
}
