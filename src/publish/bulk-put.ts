import { RegionPut } from './region-put.ts'
import type { ExploredRegion, RegionPutCommand, RegionPutFact, RegionReport } from './region-put.ts'
import type { Region } from './region.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { BulkParameters } from '../parameters/bulk-parameters.ts'

/**
 * What a bulk put starts from. The parameters are validated by `validateBulkParameters`.
 */
export interface BulkPutInit extends Omit<BulkParameters, 'cycleMs'> {
  /** How many peers a lookup finds, and a key is stored on */
  k: number
  /** From 0 to below 1 */
  random: () => number
}

/**
 * A fact for a bulk put. Those with a region tell how a command with that region went.
 */
export type BulkPutFact<P, T> =
  | { type: 'started' }
  /** The next region that has keys to be sent. One that overlaps another under way waits until that is over. */
  | { type: 'region', region: Region }
  /** No other region has keys to be sent */
  | { type: 'noMoreRegions' }
  | { region: Region } & PartFact<P, T>
  /** The put is no longer wanted */
  | { type: 'cancelled' }

/**
 * A command of a bulk put, to be carried out in the order given
 */
export type BulkPutCommand<P, T> =
  /** Name the next region. `region` or `noMoreRegions` must follow. */
  | { type: 'nextRegion' }
  /** For the region: look up, read keys, send, and what became of each key. After `regionDone` and `regionFailed` nothing more happens to it. */
  | { region: Region } & Exclude<RegionPutCommand<P, T>, { type: 'explored' }>
  /** All is over. What is looked up and sent still is of no use any more. */
  | { type: 'finish', sums: BulkPutSums }

/**
 * What became of all regions. A peer counts once for each region that it was found for.
 */
export interface BulkPutSums extends Omit<RegionReport, 'gaps'> {
  /** Regions that came to their end, and those that did not. Those that were left out of another are counted. */
  regionsDone: number
  regionsFailed: number
}

type PartFact<P, T> = Exclude<RegionPutFact<P, T>, { type: 'started' | 'cancelled' }>

/**
 * Puts the keys of many regions, as a state machine: facts go in, commands come out. Each region is
 * explored, and its keys are sent then. Its keys stay where they are when that fails.
 *
 * One region is explored at a time, while others are sent. So lookups never pile up, and where few
 * peers are in a region, so that its exploration covers those beside it as well, these need none of their own.
 * The gaps that an exploration leaves, and what is near them, become regions of their own, once.
 */
export class BulkPut<P extends string | number, T extends { kadId: KadId }> {
  readonly #init: BulkPutInit
  /** Those under way, by prefix. No two touch. */
  readonly #running = new Map<string, RegionPut<P, T>>()
  readonly #waiting: Task[] = []
  #state: 'idle' | 'running' | 'ended' = 'idle'
  #source: 'ready' | 'asked' | 'exhausted' = 'ready'
  /** The last exploration */
  #explored: ExploredRegion<P> | undefined
  readonly #sums: BulkPutSums = { regionsDone: 0, regionsFailed: 0, stored: 0, failed: 0, holders: 0, peersFound: 0, peersLeftOut: 0 }

  constructor (init: BulkPutInit) {
    this.#init = init
  }

  /**
   * Take in a fact and decide what follows from it. Facts about regions that are not under way are
   * ignored, and so is every fact after `finish`.
   */
  advance (fact: BulkPutFact<P, T>): Array<BulkPutCommand<P, T>> {
    if (this.#state === 'ended' || (fact.type !== 'cancelled' && (this.#state === 'running') === (fact.type === 'started'))) {
      return []
    }

    switch (fact.type) {
      case 'started':
        this.#state = 'running'
        return this.#decide()
      case 'region':
        if (this.#source !== 'asked') {
          return []
        }
        this.#source = 'ready'
        this.#waiting.push({ region: fact.region, wasGap: false })
        return this.#decide()
      case 'noMoreRegions':
        this.#source = 'exhausted'
        return this.#decide()
      case 'cancelled':
        return this.#cancel()
      case 'lookedUp':
      case 'lookupFailed':
      case 'keys':
      case 'sent':
      case 'failed':
        return [...this.#tell(this.#running.get(`${fact.region}`), fact), ...this.#decide()]
      default:
        return fact satisfies never
    }
  }

  #tell (put: RegionPut<P, T> | undefined, fact: RegionPutFact<P, T>): Array<BulkPutCommand<P, T>> {
    return put?.advance(fact).flatMap(command => {
      switch (command.type) {
        case 'explored':
          this.#explored = command.explored
          this.#waiting.push(...put.leftOut.map(region => ({ region, wasGap: true })))
          return []
        case 'done':
          this.#sums[command.result]++
          this.#sums.holders += command.holders
          break
        case 'regionDone':
          this.#ended(put, command.report)
          break
        case 'regionFailed':
          this.#ended(put)
          break
        default:
          command.type satisfies 'lookup' | 'pull' | 'send'
      }

      return [{ region: put.region, ...command }]
    }) ?? []
  }

  #ended ({ region }: RegionPut<P, T>, report?: RegionReport): void {
    this.#running.delete(`${region}`)

    if (report === undefined) {
      this.#sums.regionsFailed++
      return
    }

    this.#sums.regionsDone++
    this.#sums.peersFound += report.peersFound
    this.#sums.peersLeftOut += report.peersLeftOut

    // the exploration may be the one that found them, and who is there has changed since
    if (report.peersLeftOut > 0 && this.#explored?.region.touches(region) === true) {
      this.#explored = undefined
    }
  }

  #decide (): Array<BulkPutCommand<P, T>> {
    const commands: Array<BulkPutCommand<P, T>> = []

    while (this.#running.size < this.#init.regionsAtOnce) {
      const index = this.#waiting.findIndex(({ region }) => this.#canStart(region))

      if (index === -1) {
        break
      }

      const [task] = this.#waiting.splice(index, 1)
      const put = new RegionPut<P, T>({ ...this.#init, ...task, explored: this.#coverOf(task.region) })

      this.#running.set(`${task.region}`, put)
      commands.push(...this.#tell(put, { type: 'started' }))
    }

    if (this.#source === 'ready' && this.#running.size + this.#waiting.length < this.#init.regionsAtOnce) {
      this.#source = 'asked'
      commands.push({ type: 'nextRegion' })
    }

    if (this.#source === 'exhausted' && this.#running.size + this.#waiting.length === 0) {
      commands.push(this.#finish())
    }

    return commands
  }

  #canStart (region: Region): boolean {
    const running = [...this.#running.values()]

    // no key is sent by two at a time
    return !running.some(put => put.region.touches(region)) &&
      (!running.some(put => put.isExploring) || this.#coverOf(region) !== undefined)
  }

  /** The last exploration, if it covers all of a region */
  #coverOf (region: Region): ExploredRegion<P> | undefined {
    const explored = this.#explored

    if (explored === undefined || region.without([explored.region]).length > 0) {
      return undefined
    }

    return [...explored.gaps, ...explored.nearGaps].some(gap => gap.touches(region)) ? undefined : explored
  }

  #cancel (): Array<BulkPutCommand<P, T>> {
    const commands = [...this.#running.values()].flatMap(put => this.#tell(put, { type: 'cancelled' }))

    for (const { region } of this.#waiting) {
      this.#sums.regionsFailed++
      commands.push({ type: 'regionFailed', region, reason: 'cancelled' })
    }

    return [...commands, this.#finish()]
  }

  #finish (): BulkPutCommand<P, T> {
    this.#state = 'ended'

    return { type: 'finish', sums: { ...this.#sums } }
  }
}

/** A region that waits for its turn */
interface Task {
  region: Region
  /** Whether it was left out of another */
  wasGap: boolean
}
