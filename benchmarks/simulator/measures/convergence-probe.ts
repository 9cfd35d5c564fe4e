import { sampleRankCorrelation } from 'simple-statistics'
import { ScoredClient } from '../clients/scored/scored-client.ts'
import { isReachable } from '../clients/is-reachable.ts'
import { gini } from './gini.ts'
import type { SimulatedArm } from '../simulation-options.ts'
import type { SimulationState } from '../simulation.ts'
import type { PeerClass } from '../../../src/score/peer-score.ts'

const MINUTE_MS = 60_000

/** Upper limits of how long ago a peer's state has changed, ms */
export const SINCE_MS = [1, 5, 15, 30, 60, 120].map(minutes => minutes * MINUTE_MS)

/** Two clients that have fewer peers in common are not compared */
const MIN_COMMON = 10

/** At a checkpoint, each client is compared with this many of the next ones */
const NEIGHBOURS = 3

/**
 * How well scores agree with each other and with the truth, at one moment of a run, over
 * all clients of `scored`
 */
export interface ConvergenceCheck {
  /** Time since the run began, ms */
  atMs: number
  /** Mean rank correlation (Spearman) of two clients' scores of the peers that both know. Undefined while no two clients know enough peers. */
  rankCorrelation: number | undefined
  /** Among the peers that two clients both know and neither holds neutral: the share on whose class, good or poor, they agree */
  agreement: number | undefined
  /** Among the peers held good: the share that would answer */
  goodAreAlive: number
  /** Among the peers held poor: the share that would not answer */
  poorAreDead: number
}

/**
 * Of the peers whose state changed at most a certain time ago: the share whose change has
 * been noticed
 */
export interface NoticedShare {
  /** The upper limit of that time, ms */
  withinMs: number
  /** Among the peers that went: the share held poor, 0 to 1. Undefined when there are none. */
  gone: number | undefined
  /** Among the peers that came, or came back: the share not held poor */
  back: number | undefined
}

/**
 * Watches three things over a run: how the scores of independent clients come to agree
 * with each other and with the truth, how soon a change is noticed, and which nodes bear
 * the load
 */
export class ConvergenceProbe {
  readonly checks: ConvergenceCheck[] = []
  readonly #noticed = SINCE_MS.map(() => ({ gone: 0, goneHeldPoor: 0, back: 0, backNotPoor: 0 }))
  readonly #requests = new Map<SimulatedArm, Map<number, number>>()

  onRequest (arm: SimulatedArm, node: number): void {
    const counts = this.#requests.get(arm) ?? new Map<number, number>()

    counts.set(node, (counts.get(node) ?? 0) + 1)
    this.#requests.set(arm, counts)
  }

  onCheckpoint ({ world, clients, now, runMs }: Pick<SimulationState, 'world' | 'clients' | 'now' | 'runMs'>): void {
    const books = (clients.get('scored') ?? []).map(({ client }) => client instanceof ScoredClient ? bookOf(client, now) : new Map<number, Opinion>())
    const held = { good: 0, goodAlive: 0, poor: 0, poorDead: 0 }

    for (const book of books) {
      for (const [peer, { peerClass }] of book) {
        const alive = isReachable(world, peer, now)
        const since = world.sessions.since(peer, now)

        if (peerClass === 'good') {
          held.good++
          held.goodAlive += Number(alive)
        } else if (peerClass === 'unacceptable') {
          held.poor++
          held.poorDead += Number(!alive)
        }

        // a client cannot notice that an unreachable node comes or goes
        if (world.population.reach(peer) !== 'unreachable') {
          this.#count(now - since, alive, peerClass)
        }
      }
    }

    const pairs = books.flatMap((book, index) => Array.from({ length: NEIGHBOURS }, (_, step) => books[index + step + 1])
      .flatMap(other => other === undefined ? [] : [compare(book, other)]))

    this.checks.push({
      atMs: runMs,
      rankCorrelation: meanOf(pairs.map(({ rankCorrelation }) => rankCorrelation)),
      agreement: meanOf(pairs.map(({ agreement }) => agreement)),
      goodAreAlive: held.goodAlive / Math.max(1, held.good),
      poorAreDead: held.poorDead / Math.max(1, held.poor)
    })
  }

  /** How soon changes are noticed, over all checkpoints together */
  get noticed (): NoticedShare[] {
    return this.#noticed.map(({ gone, goneHeldPoor, back, backNotPoor }, index) => ({
      withinMs: SINCE_MS[index],
      gone: gone === 0 ? undefined : goneHeldPoor / gone,
      back: back === 0 ? undefined : backNotPoor / back
    }))
  }

  /**
   * Gini's coefficient of the requests of each arm, over the nodes that it asked or could
   * have asked
   *
   * @param nodes - Number of nodes
   */
  loadOf (nodes: number): Partial<Record<SimulatedArm, number>> {
    return Object.fromEntries(Array.from(this.#requests, ([arm, counts]) => [arm, gini(counts.values(), Math.max(nodes, counts.size))]))
  }

  #count (sinceMs: number, alive: boolean, peerClass: PeerClass): void {
    const counts = this.#noticed[SINCE_MS.findIndex(end => sinceMs <= end)]

    if (counts === undefined) {
      return
    }

    if (alive) {
      counts.back++
      counts.backNotPoor += Number(peerClass !== 'unacceptable')
    } else {
      counts.gone++
      counts.goneHeldPoor += Number(peerClass === 'unacceptable')
    }
  }
}

interface Opinion {
  score: number
  peerClass: PeerClass
}

function bookOf ({ table: { scores } }: ScoredClient, now: number): Map<number, Opinion> {
  return new Map(Array.from(scores.entries(), ([peer]) => [peer, { score: scores.score(peer, now), peerClass: scores.classOf(peer, now) }]))
}

function compare (a: Map<number, Opinion>, b: Map<number, Opinion>): Pick<ConvergenceCheck, 'rankCorrelation' | 'agreement'> {
  const common = [...a.keys()].filter(peer => b.has(peer))

  if (common.length < MIN_COMMON) {
    return { rankCorrelation: undefined, agreement: undefined }
  }

  const opinions = common.map(peer => [a.get(peer), b.get(peer)] as [Opinion, Opinion])
  const decided = opinions.filter(pair => pair.every(({ peerClass }) => peerClass !== 'neutral'))
  const correlation = sampleRankCorrelation(opinions.map(([{ score }]) => score), opinions.map(([, { score }]) => score))

  return {
    rankCorrelation: Number.isFinite(correlation) ? correlation : undefined,
    agreement: decided.length === 0 ? undefined : decided.filter(([one, other]) => one.peerClass === other.peerClass).length / decided.length
  }
}

function meanOf (values: Array<number | undefined>): number | undefined {
  const known = values.filter(value => value !== undefined)

  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length
}
