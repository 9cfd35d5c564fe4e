import { seededRandom } from '../../random/seeded-random.ts'
import { HashedRandom } from '../world/hashed-random.ts'
import { AttackedTables } from './attacked-tables.ts'
import { FastNetwork } from './fast-network.ts'
import { InventedNodes } from './invented-nodes.ts'
import type { Attack, AttackInit } from './attack.ts'
import type { Scene } from '../scenes/scene.ts'

/** Number of inventions in one answer */
const COUNT = 1000

/** That many nodes are looked at for one that stays for the whole run. There are many. */
const MAX_TRIES = 100_000

/**
 * Inventors name 1,000 peers that do not exist in each answer, all of them closer to the
 * target than any real peer. They answer before all others, so that they are well thought of. One of them is a
 * bootstrap peer that stays for the whole run, so that every client knows it. A share of all
 * nodes may be as bad.
 */
export class Inventions implements Attack {
  readonly scene: Scene
  readonly known: readonly number[]

  readonly #invented: InventedNodes
  readonly #isHostile: (node: number) => boolean

  constructor (init: AttackInit) {
    const { scene: { world, tables }, seed, share = 0 } = init
    const choice = new HashedRandom(seed, 'inventors')
    const first = someoneWhoStays(init)
    const invented = this.#invented = new InventedNodes(world, { seed, count: COUNT })
    const { population, sessions, network } = invented.world

    this.known = [first]
    this.#isHostile = node => !invented.has(node) && (node === first || choice.uniform(node) < share)
    this.scene = {
      world: {
        population,
        sessions,
        network: new FastNetwork(network, (node, now) => this.#isHostile(node) && population.reach(node) === 'public' && sessions.isOnline(node, now))
      },
      tables: new AttackedTables(tables, (node, target) => this.#isHostile(node) ? invented.named(node, target) : undefined)
    }
  }

  besiege (): void {
    // it lies about every key
  }

  isHostile (node: number): boolean {
    return this.#isHostile(node)
  }

  exists (node: number): boolean {
    return !this.#invented.has(node)
  }
}

/** A node that can be dialled and that is online for the whole run */
function someoneWhoStays ({ scene: { world: { population, sessions } }, seed, duringMs: { from, to } }: AttackInit): number {
  const random = seededRandom(seed, 'first inventor')

  for (let i = 0; i < MAX_TRIES; i++) {
    const node = Math.floor(random() * population.size)

    if (population.reach(node) === 'public' && population.habit(node) === 'none' && sessions.isOnline(node, to) && sessions.since(node, to) <= from) {
      return node
    }
  }

  throw new Error('Nobody in this network stays for the whole run')
}
