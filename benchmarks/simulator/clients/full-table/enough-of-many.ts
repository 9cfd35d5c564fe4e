import { RequestBatch } from '../requests/request-batch.ts'
import type { RequestBatchInit } from '../requests/request-batch.ts'

/** go-kad-dht fullrt/dht.go `waitFrac`: from this share of successes on, it is patient no longer */
const PATIENT_SHARE = 0.3

/** go-kad-dht fullrt/dht.go `execOnMany`: then, how long it waits for the next success, ms */
const TICK_MS = 500

export interface EnoughOfManyInit extends Pick<RequestBatchInit, 'clock' | 'nodes' | 'start'> {
  onEnd: (succeeded: number[]) => void
}

/**
 * Several peers asked at the same time, until enough have succeeded by the rules of
 * go-kad-dht's accelerated client (fullrt/dht.go `execOnMany`): twice the successes and
 * the failures make up all of them, or half a second brings no success after the first
 * 30%. The rest is given up.
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
        // as upstream, a failure only counts with the next success
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

  /** Give up, without `onEnd` */
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
