import { RequestBatch } from '../requests/request-batch.ts'
import type { RequestBatchInit } from '../requests/request-batch.ts'

/** go-kad-dht fullrt/dht.go `waitFrac`: once this share has succeeded, the time limit of `TICK_MS` between two successes applies */
const PATIENT_SHARE = 0.3

/** go-kad-dht fullrt/dht.go `execOnMany`: time limit for the next success, ms */
const TICK_MS = 500

export interface EnoughOfManyInit extends Pick<RequestBatchInit, 'clock' | 'nodes' | 'start'> {
  onEnd: (succeeded: number[]) => void
}

/**
 * Several peers are asked at the same time until enough have succeeded, by the rules of
 * go-kad-dht's accelerated client (fullrt/dht.go `execOnMany`). It is enough when twice
 * the number of successes plus the number of failures makes up all peers. It is also
 * enough when 30% of the peers have succeeded and half a second passes without another
 * success. The requests that are left are then cancelled.
 */
export class EnoughOfMany {
  readonly #init: EnoughOfManyInit
  readonly #batch: RequestBatch
  #cancelTick: (() => void) | undefined

  constructor (init: EnoughOfManyInit) {
    this.#init = init
    this.#batch = new RequestBatch({
      clock: init.clock,
      nodes: init.nodes,
      start: init.start,
      onEach: ({ succeeded, ended }, hasSucceeded) => {
        // as upstream: a failure is only counted when the next success comes
        if (!hasSucceeded) {
          return
        }

        if (succeeded.length + ended >= init.nodes.length) {
          this.#end()
        } else if (succeeded.length >= Math.floor(init.nodes.length * PATIENT_SHARE)) {
          this.#cancelTick ??= this.#tick(succeeded.length)
        }
      },
      onEnd: () => { this.#end() }
    })
  }

  /** Cancel all requests, so that `onEnd` is not called */
  cancel (): void {
    this.#cancelTick?.()
    this.#batch.cancel()
  }

  #tick (before: number): () => void {
    return this.#init.clock.schedule(TICK_MS, () => {
      const succeeded = this.#batch.succeeded.length

      if (succeeded > before) {
        this.#cancelTick = this.#tick(succeeded)
      } else {
        this.#end()
      }
    })
  }

  #end (): void {
    this.cancel()
    this.#init.onEnd(this.#batch.succeeded)
  }
}
