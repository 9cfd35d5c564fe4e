import { compare } from 'uint8arrays/compare'
import { nearGaps } from './near-gaps.ts'
import { RegionExploration } from './region-exploration.ts'
import { RegionSending } from './region-sending.ts'
import type { ExplorationCommand, ExplorationFact } from './region-exploration.ts'
import type { Region } from './region.ts'
import type { SendingCommand, SendingFact } from './region-sending.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { BulkParameters } from '../parameters/bulk-parameters.ts'

/**
 * What an exploration has found
 */
export interface ExploredRegion<P> extends Omit<Extract<ExplorationCommand<P>, { type: 'explored' }>, 'type'> {
  /** Parts that are covered, but where a peer in a gap may be among the k closest to a key */
  nearGaps: Region[]
}

/**
 * What the put of a region starts from
 */
export interface RegionPutInit<P> extends Omit<BulkParameters, 'regionsAtOnce' | 'cycleMs'> {
  region: Region
  /** How many peers a key is stored on */
  k: number
  /** From 0 to below 1 */
  random: () => number
  /** An exploration that covers all of the region; undefined: it is to be explored first */
  explored?: ExploredRegion<P>
  /** Whether the region was left out of another. A gap that is left in it is not tried again. */
  wasGap: boolean
}

/**
 * A fact for the put of a region: those of its exploration and its sending
 */
export type RegionPutFact<P, T> = ExplorationFact<P> | SendingFact<P, T>

/**
 * What became of a region
 */
export interface RegionReport {
  /** Keys that are on enough of their k closest peers */
  stored: number
  /** Keys that are on too few, or that lie in a gap that is not tried again */
  failed: number
  /** How many times any key was stored: `holders` of all keys */
  holders: number
  /** Peers that were found, some of them around the region */
  peersFound: number
  /** Peers of these that failed twice */
  peersLeftOut: number
  /** Parts of the region whose keys were left out, or have failed, as closer peers may be missing. All other keys were sent. */
  gaps: Region[]
}

/**
 * A command of the put of a region, to be carried out in the order given
 */
export type RegionPutCommand<P, T> =
  | Extract<ExplorationCommand<P>, { type: 'lookup' }>
  /** What was found. Of no use to anybody but the next regions. */
  | { type: 'explored', explored: ExploredRegion<P> }
  /** Read the next keys of the region, but none of these parts, which are sent later as regions of their own. `keys` must follow. */
  | { type: 'pull', except: Region[] }
  | Extract<SendingCommand<P, T>, { type: 'send' | 'done' }>
  /** All is over */
  | { type: 'regionDone', report: RegionReport }
  /** All is over, and keys of the region were not sent. They are to be sent another time. */
  | { type: 'regionFailed', reason: 'lookupsFailed' | 'noPeers' | 'cancelled' }

/**
 * Puts the keys of one region, as a state machine: it explores the region, and sends the keys then.
 *
 * Where the exploration leaves a gap, closer peers may be missing. So the keys in it and near it are left
 * out, to be sent as regions of their own. If a gap is left in one of these, too, its keys are sent to
 * the closest peers that are known, but fail however many store them.
 */
export class RegionPut<P extends string | number, T extends { kadId: KadId }> {
  readonly #init: RegionPutInit<P>
  #state: State<P, T> = { type: 'idle' }
  #gaps: Region[] = []
  #peersFound = 0
  #stored = 0
  #failed = 0
  #holders = 0

  constructor (init: RegionPutInit<P>) {
    this.#init = init
  }

  get region (): Region {
    return this.#init.region
  }

  get isExploring (): boolean {
    return this.#state.type === 'exploring'
  }

  /** The parts of the region that are left out here, to be regions of their own. They are known once it has been explored. */
  get leftOut (): Region[] {
    return this.#init.wasGap ? [] : this.#gaps
  }

  /** Take in a fact and decide what follows from it. Facts that nobody waits for are ignored, and so is every fact after the end. */
  advance (fact: RegionPutFact<P, T>): Array<RegionPutCommand<P, T>> {
    if (this.#state.type !== 'ended' && this.#state.type !== 'sending' && fact.type === 'cancelled') {
      return this.#end({ type: 'regionFailed', reason: 'cancelled' })
    }

    switch (fact.type) {
      case 'started':
        return this.#state.type === 'idle' ? this.#start() : []
      case 'lookedUp':
      case 'lookupFailed':
        return this.#state.type === 'exploring' ? this.#explore(this.#state.exploration.advance(fact)) : []
      case 'keys':
        return this.#state.type === 'sending' ? this.#send(this.#state.sending, { ...fact, keys: fact.keys.filter(({ kadId }) => !isIn(this.leftOut, kadId)) }) : []
      case 'sent':
      case 'failed':
      case 'cancelled':
        return this.#state.type === 'sending' ? this.#send(this.#state.sending, fact) : []
      default:
        return fact satisfies never
    }
  }

  #start (): Array<RegionPutCommand<P, T>> {
    if (this.#init.explored !== undefined) {
      return this.#beginSending(this.#init.explored)
    }

    const exploration = new RegionExploration<P>(this.#init)

    this.#state = { type: 'exploring', exploration }

    return this.#explore(exploration.advance({ type: 'started' }))
  }

  #explore (commands: Array<ExplorationCommand<P>>): Array<RegionPutCommand<P, T>> {
    return commands.flatMap(command => {
      switch (command.type) {
        case 'lookup':
          return [command]
        case 'explored': {
          const { region, peers, gaps } = command
          const explored = { region, peers, gaps, nearGaps: nearGaps(region, gaps, peers, this.#init.k) }

          return [{ type: 'explored', explored }, ...this.#beginSending(explored)]
        }
        case 'failed':
          return this.#end({ type: 'regionFailed', reason: command.reason })
        default:
          return command satisfies never
      }
    })
  }

  #beginSending (explored: ExploredRegion<P>): Array<RegionPutCommand<P, T>> {
    const { region, wasGap } = this.#init
    const uncertain = wasGap ? explored.gaps : [...explored.gaps, ...explored.nearGaps]

    // where the region became a larger one, some are none of its own
    this.#gaps = uncertain
      .filter(gap => gap.touches(region))
      .map(gap => gap.length > region.length ? gap : region)
      // in this order one exploration serves several
      .sort((a, b) => compare(a.bits, b.bits))
    this.#peersFound = explored.peers.length

    const sending = new RegionSending<P, T>({ ...this.#init, peers: explored.peers })

    this.#state = { type: 'sending', sending }

    return this.#send(sending, { type: 'started' })
  }

  #send (sending: RegionSending<P, T>, fact: SendingFact<P, T>): Array<RegionPutCommand<P, T>> {
    return sending.advance(fact).flatMap(command => {
      switch (command.type) {
        case 'pull':
          return [{ type: 'pull', except: this.leftOut }]
        case 'send':
          return [command]
        case 'done':
          return [this.#done(command)]
        case 'finish':
          return this.#end(fact.type === 'cancelled'
            ? { type: 'regionFailed', reason: 'cancelled' }
            : { type: 'regionDone', report: this.#report(command.peersLeftOut.length) })
        default:
          return command satisfies never
      }
    })
  }

  #done (command: Done<P, T>): Done<P, T> {
    // closer peers may be missing
    const result = isIn(this.#gaps, command.key.kadId) ? 'failed' : command.result

    this.#stored += result === 'stored' ? 1 : 0
    this.#failed += result === 'failed' ? 1 : 0
    this.#holders += command.holders

    return { ...command, result }
  }

  #report (peersLeftOut: number): RegionReport {
    return { stored: this.#stored, failed: this.#failed, holders: this.#holders, peersFound: this.#peersFound, peersLeftOut, gaps: this.#gaps }
  }

  #end (command: RegionPutCommand<P, T>): Array<RegionPutCommand<P, T>> {
    this.#state = { type: 'ended' }

    return [command]
  }
}

type Done<P, T> = Extract<SendingCommand<P, T>, { type: 'done' }>

type State<P extends string | number, T extends { kadId: KadId }> =
  | { type: 'idle' }
  | { type: 'exploring', exploration: RegionExploration<P> }
  | { type: 'sending', sending: RegionSending<P, T> }
  | { type: 'ended' }

function isIn (regions: readonly Region[], kadId: KadId): boolean {
  return regions.some(region => region.contains(kadId))
}
