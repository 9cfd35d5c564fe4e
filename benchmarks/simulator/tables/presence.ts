import type { World } from '../world/world.ts'

/**
 * Who is online and who can be dialled, for all nodes at once: looked up at
 * intervals, so that the very many checks of a refresh cost next to nothing.
 */
export class Presence {
  /** 1 for those that were online when last looked */
  readonly online: Uint8Array
  /** 1 for those that can be dialled when they are online */
  readonly dialable: Uint8Array
  /** 1 for those a dial to which fails at once when they are offline */
  readonly refusing: Uint8Array
  /** 1 for those that let themselves be dialled when they are offline, and then say nothing */
  readonly stalling: Uint8Array
  /** 1 for those that answered a stranger's dial when last looked */
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
   * @param onOnline - Told of everybody who is online
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
