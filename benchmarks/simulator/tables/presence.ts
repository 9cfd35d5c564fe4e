import type { World } from '../world/world.ts'

/**
 * Which nodes are online and which can be dialled, for all nodes at once. This is looked
 * up at intervals, so that the very many checks of a refresh cost next to nothing.
 */
export class Presence {
  /** 1 for each node that was online at the last look */
  readonly online: Uint8Array
  /** 1 for each node that can be dialled while it is online */
  readonly dialable: Uint8Array
  /** 1 for each node that refuses dials while it is offline */
  readonly refusing: Uint8Array
  /** 1 for each node whose address accepts dials while it is offline, and then says nothing */
  readonly stalling: Uint8Array
  /** 1 for each node that answered a stranger's dial at the last look */
  readonly #answering: Uint8Array
  readonly #world: World

  constructor (world: World) {
    const { population } = world
    this.#world = world
    this.online = new Uint8Array(population.size)
    this.#answering = new Uint8Array(population.size)
    this.dialable = Uint8Array.from({ length: population.size }, (_, node) => population.reach(node) === 'unreachable' ? 0 : 1)
    this.refusing = this.dialable.map((dialable, node) => population.absence(node) === 'refuses' ? dialable : 0)
    this.stalling = this.dialable.map((dialable, node) => population.absence(node) === 'stalls' ? dialable : 0)
  }

  /**
   * Look again
   *
   * @param onOnline - Called for each node that is online
   */
  look (now: number, onOnline: (node: number) => void): void {
    const { sessions } = this.#world
    const { online, dialable } = this

    for (let node = 0; node < online.length; node++) {
      online[node] = sessions.isOnline(node, now) ? 1 : 0
      this.#answering[node] = online[node] & dialable[node]

      if (online[node] === 1) {
        onOnline(node)
      }
    }
  }

  /** Whether a node answers a stranger's dial */
  answersDial (node: number): boolean {
    return this.#answering[node] === 1
  }
}
