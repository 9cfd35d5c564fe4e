import { ScoredClient } from '../clients/scored/scored-client.ts'
import { isReachable } from '../clients/is-reachable.ts'
import type { SimulatedArm } from '../simulation-options.ts'
import type { SimulationState } from '../simulation.ts'
import type { Random } from '../../random/random.ts'

/** How many random keys each client is asked for at each checkpoint */
const REPLIES = 20

/**
 * The peers whose chance lies within one tenth
 */
export interface Decile {
  peers: number
  /** The mean chance that they were given, 0 to 1 */
  chance: number
  /** The share of them that would answer, 0 to 1 */
  alive: number
}

/**
 * How true the chances are that the clients of an arm give to all peers that they remember
 * at one moment of a run, and whom they name
 */
export interface PresenceCheck {
  arm: SimulatedArm
  /** Time since the run began, ms */
  atMs: number
  /** How many peers are remembered, over all clients */
  peers: number
  /** The mean squared error of the chances (Brier score) */
  brier: number
  /** The same of one that gives all peers the share that is alive */
  baseBrier: number
  /** By the tenth of the chance, the lowest first */
  deciles: Decile[]
  /** Of the peers in replies for random keys: the share that would answer */
  namedAreAlive: number
  /** Of the peers that would answer among the 2k closest known to those keys: the share that is in the reply */
  livingAreNamed: number
}

/**
 * Compares what nodes believe of who is there with the truth
 */
export class PresenceProbe {
  readonly checks: PresenceCheck[] = []
  readonly #random: Random

  /**
   * @param random - Draws the keys
   */
  constructor (random: Random) {
    this.#random = random
  }

  onCheckpoint ({ world, clients, now, runMs }: Pick<SimulationState, 'world' | 'clients' | 'now' | 'runMs'>): void {
    for (const [arm, armClients] of clients) {
      const scored = armClients.map(({ client }) => client).filter(client => client instanceof ScoredClient)

      if (scored.length > 0) {
        const isAlive = (peer: number): boolean => isReachable(world, peer, now)

        this.checks.push({ arm, atMs: runMs, ...chancesOf(scored, isAlive, now), ...this.#replies(scored, world.population.kadId(0).length, isAlive, now) })
      }
    }
  }

  #replies (clients: ScoredClient[], keyLength: number, isAlive: (peer: number) => boolean, now: number): Pick<PresenceCheck, 'namedAreAlive' | 'livingAreNamed'> {
    let named = 0
    let namedAlive = 0
    let living = 0
    let livingNamed = 0

    for (const { table, lookups: { startCount } } of clients) {
      for (let i = 0; i < REPLIES; i++) {
        const key = Uint8Array.from({ length: keyLength }, () => Math.floor(this.#random() * 256))
        const reply = new Set(table.named(key, {}, now).map(({ peer }) => peer))
        const livingKnown = table.candidates(key, startCount, now).filter(({ peer }) => isAlive(peer))

        named += reply.size
        namedAlive += [...reply].filter(isAlive).length
        living += livingKnown.length
        livingNamed += livingKnown.filter(({ peer }) => reply.has(peer)).length
      }
    }

    return { namedAreAlive: namedAlive / Math.max(1, named), livingAreNamed: livingNamed / Math.max(1, living) }
  }
}

function chancesOf (clients: ScoredClient[], isAlive: (peer: number) => boolean, now: number): Pick<PresenceCheck, 'peers' | 'brier' | 'baseBrier' | 'deciles'> {
  const sums = Array.from({ length: 10 }, () => ({ peers: 0, chance: 0, alive: 0 }))
  let squares = 0

  for (const { table } of clients) {
    for (const peer of [...Array.from(table.scores.entries(), ([scored]) => scored), ...table.namedPeers()]) {
      const chance = table.chanceOf(peer, now)
      const alive = Number(isAlive(peer))
      const sum = sums[Math.floor(10 * chance)]

      sum.peers++
      sum.chance += chance
      sum.alive += alive
      squares += (chance - alive) ** 2
    }
  }

  const peers = sums.reduce((total, sum) => total + sum.peers, 0)
  const base = sums.reduce((total, sum) => total + sum.alive, 0) / Math.max(1, peers)

  return {
    peers,
    brier: squares / Math.max(1, peers),
    baseBrier: base * (1 - base),
    deciles: sums.map(sum => ({ peers: sum.peers, chance: sum.chance / Math.max(1, sum.peers), alive: sum.alive / Math.max(1, sum.peers) }))
  }
}
