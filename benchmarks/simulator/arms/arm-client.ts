import { isPut } from '../../report/is-put.ts'
import { rememberedPeers } from '../measures/remembered-peers.ts'
import { PutReport } from './put-report.ts'
import type { RecordReader } from './record-reader.ts'
import type { Client, OnSettled, OnStored, Operation } from '../clients/client.ts'
import type { Connections } from '../clients/requests/connections.ts'
import type { Clock } from '../clock.ts'
import type { SimulatedArm, SimulatedOperation } from '../simulation-options.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'
import type { Sample } from '../../report/results.ts'

/**
 * One operation that one client of each arm carries out
 */
export interface Task {
  operation: SimulatedOperation
  key: KadId
  /** Number of the key, from 0 */
  index: number
  timeoutMs: number
  /** Whether a node holds the record that is looked for */
  isHolder: (node: number) => boolean
  /** The share found of the peers that should be found. `fromMs` is when the operation began. */
  recallOf: (found: readonly number[], fromMs: number) => number | undefined
  /** Whether a node is a real one; undefined when nobody invents any */
  exists?: (node: number) => boolean
  /** Whether a node gives out a record that was put with it @default every node */
  givesOut?: (node: number) => boolean
  /** Whether what is put is looked for afterwards, where the arm has a reader @default true */
  isRead?: boolean
  onSample: (sample: Omit<Sample, 'scenario'>) => void
}

interface Traffic {
  queries: number
  dials: number
  unanswered: number
  dialling: number
  waiting: number
  wasted: number
}

export interface ArmClientInit {
  arm: SimulatedArm
  client: Client
  connections: Connections
  clock: Clock
  /** Make a client that has what the client before it kept on disk */
  restart: (before: Client) => Client
  /** Looks for what the client has put. Its traffic is not the client's. */
  reader?: RecordReader
}

/**
 * A client as an arm of the comparison. It carries out operations and measures them.
 */
export class ArmClient {
  readonly #init: ArmClientInit
  #client: Client
  #before: Traffic

  constructor (init: ArmClientInit) {
    this.#init = init
    this.#client = init.client
    this.#before = this.#traffic()
  }

  /** The present client. After a restart it is another one. */
  get client (): Client {
    return this.#client
  }

  /** The clock of the client */
  get clock (): Clock {
    return this.#init.clock
  }

  /** Start what looks for the records that the client puts */
  startReader (): void {
    this.#init.reader?.start()
  }

  /** Restart the client. It loses its connections and all that is not kept on disk. */
  restart (): void {
    this.#init.connections.closeAll()
    this.#client = this.#init.restart(this.#client)
    this.#client.start()
    this.#before = this.#traffic()
  }

  /**
   * Carry an operation out. Operations of one client may overlap.
   */
  perform (task: Task): void {
    const { operation, key, index, timeoutMs, isHolder, recallOf, exists, onSample } = task
    const from = this.#traffic()
    const fromMs = this.#init.clock.now
    const background = { queries: from.queries - this.#before.queries, dials: from.dials - this.#before.dials }
    // `end` may be called before `running` is set
    const put = this.#putReport(task)
    const state: { running?: Operation, isOver: boolean, onSettled?: OnSettled } = { isOver: false }

    const report = (found: readonly number[], { timeMs, failed, hops }: Pick<Sample, 'timeMs' | 'failed' | 'hops'>, afterReturn?: Sample['afterReturn']): void => {
      const to = this.#traffic()
      const sample = {
        arm: this.#init.arm,
        operation,
        index,
        timeMs,
        failed,
        recall: recallOf(found, fromMs),
        ...(afterReturn === undefined ? {} : { afterReturn }),
        ...(exists === undefined ? {} : this.#honestMemory(exists)),
        ...(found.length > 0 ? { found: found.length } : {}),
        ...(hops === undefined ? {} : { hops }),
        queries: state.running?.queries ?? to.queries - from.queries,
        dials: to.dials - from.dials,
        background,
        unresponsive: to.unanswered - from.unanswered,
        spentMs: { dialling: to.dialling - from.dialling, waiting: to.waiting - from.waiting, wasted: to.wasted - from.wasted }
      }

      put === undefined ? onSample(sample) : put.ended(sample)
    }

    const end = (found: readonly number[], succeeded: boolean, { hops, goesOn = false }: { hops?: number, goesOn?: boolean } = {}): void => {
      if (state.isOver) {
        return
      }

      const timing = { timeMs: succeeded ? this.#init.clock.now - fromMs : timeoutMs, failed: !succeeded, hops }
      const recall = recallOf(found, fromMs)

      state.isOver = true
      cancelTimeout()
      this.#before = this.#traffic()
      put?.stored(found)
      put?.returned(!succeeded)

      if (goesOn) {
        state.onSettled = holders => { report(holders, timing, { timeMs: this.#init.clock.now - fromMs, recallAtReturn: recall }) }
      } else {
        report(found, timing)
      }
    }
    const cancelTimeout = this.#init.clock.schedule(timeoutMs, () => {
      state.running?.cancel()
      end([], false)
    })

    state.running = this.#begin({ operation, key, isHolder }, end, holders => { state.onSettled?.(holders) }, node => { put?.stored([node]) })
  }

  #putReport ({ operation, key, isRead = true, givesOut = () => true, onSample }: Task): PutReport | undefined {
    const { reader } = this.#init

    return reader !== undefined && isRead && isPut(operation) ? new PutReport({ key, reader, givesOut, onSample }) : undefined
  }

  #begin ({ operation, key, isHolder }: Pick<Task, 'operation' | 'key' | 'isHolder'>, end: (found: readonly number[], succeeded: boolean, more?: { hops?: number, goesOn?: boolean }) => void, onSettled: OnSettled, onStored: OnStored): Operation {
    switch (operation) {
      case 'closest-peers':
        return this.#client.closestPeers(key, ({ closest, hops }) => { end(closest, closest.length > 0, { hops }) })
      case 'find-providers':
      case 'get-value':
        return this.#client.findHolder(key, isHolder, found => { end([], found) })
      case 'provide':
      case 'put-value':
        return this.#client.store(key, operation === 'put-value', (holders, more) => { end(holders, holders.length > 0, more) }, onSettled, onStored)
      default:
        return operation satisfies never
    }
  }

  /** The share of the real ones among the peers that the client remembers, where it remembers any */
  #honestMemory (exists: (node: number) => boolean): Pick<Sample, 'honestMemory'> {
    let real = 0
    let all = 0

    for (const node of rememberedPeers(this.#client)) {
      real += exists(node) ? 1 : 0
      all++
    }

    return all === 0 ? {} : { honestMemory: real / all }
  }

  #traffic (): Traffic {
    const { queries, dials, unanswered, spentMs } = this.#init.connections

    return { queries, dials, unanswered, ...spentMs }
  }
}
