import type { ArmClient } from './arms/arm-client.ts'
import type { Performance } from './arms/arm-process.ts'
import type { Period } from './testnet-network.ts'
import type { Task } from '../live/run-operation.ts'
import type { Operation, Sample } from '../report/results.ts'

/** When a record is looked for after the return of its put, ms */
const SOON_MS = 1_000

/** After this many round trips, whatever was sent has arrived, even on the longest link */
const ARRIVAL_RTTS = 10

/** Round trips between two looks at who holds the record */
const LOOK_RTTS = 1

export interface PutObserverInit {
  /** A stock client that has no part in the comparison */
  reader: ArmClient
  /** The share that holds the record of a put, of the k closest that were alive throughout a period */
  shareHolding: (put: ObservedPut, period: Period) => Promise<number>
  /** Median round trip time of the links, ms */
  rttMs: number
  wait: (ms: number) => Promise<void>
  /** ms */
  now: () => number
}

/** Whether an operation stores values, and not provider records */
export function isValue (operation: Operation): boolean {
  return operation === 'put-value' || operation === 'put-many'
}

/** A put that has returned. Of a bulk put its first record is looked for. */
export interface ObservedPut {
  task: Task
  /** Printable peer id of who has put */
  owner: string
}

/** What is seen of a put after its return */
export interface PutAfterReturn extends Pick<Sample, 'recall' | 'afterReturn'> {
  retrieved: NonNullable<Sample['retrieved']>
}

/**
 * Sees what becomes of puts after their return: who holds the record, and whether another
 * client finds it
 */
export class PutObserver {
  readonly #init: PutObserverInit

  constructor (init: PutObserverInit) {
    this.#init = init
  }

  /**
   * Observe a put that has returned just now, until nothing more arrives and its record has
   * been looked for
   */
  async observe (put: ObservedPut, { timeMs, period }: Pick<Performance, 'timeMs' | 'period'>): Promise<PutAfterReturn> {
    const { shareHolding, wait, now } = this.#init
    const returnedAt = now()
    const recallAtReturn = await shareHolding(put, period)
    let isRead = false
    const reading = wait(SOON_MS)
      .then(async () => this.finds(put))
      .finally(() => { isRead = true })
    const [soon, { recall, afterMs }] = await Promise.all([
      reading,
      this.#arrival(put, { recallAtReturn, returnedAt, from: period.from, isRead: () => isRead })
    ])

    return { recall, afterReturn: { timeMs: timeMs + afterMs, recallAtReturn }, retrieved: { soon } }
  }

  /** Whether the reader finds the record of a put now */
  async finds ({ task, owner }: ObservedPut): Promise<boolean> {
    const { others, ...one } = task
    const { failed } = await this.#init.reader.perform(isValue(task.operation)
      ? { ...one, operation: 'get-value' }
      : { ...one, operation: 'find-providers', providers: [owner] }, [])

    return !failed
  }

  /** Wait until the record has arrived wherever it was sent, and tell when the last one came to hold it */
  async #arrival (put: ObservedPut, { recallAtReturn, returnedAt, from, isRead }: { recallAtReturn: number, returnedAt: number, from: number, isRead: () => boolean }): Promise<{ recall: number, afterMs: number }> {
    const { shareHolding, rttMs, wait, now } = this.#init
    let recall = recallAtReturn
    let roseAt = returnedAt

    while (recall < 1 && (!isRead() || now() - roseAt < ARRIVAL_RTTS * rttMs)) {
      await wait(LOOK_RTTS * rttMs)

      const before = recall

      recall = await shareHolding(put, { from, to: Date.now() })
      roseAt = recall > before ? now() : roseAt
    }

    return { recall, afterMs: roseAt - returnedAt }
  }
}
