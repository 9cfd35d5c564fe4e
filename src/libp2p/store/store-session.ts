import { explainStoreFailure } from '../../persistence/explain-store-failure.ts'
import { ScoreStoreError } from '../../persistence/score-store-error.ts'
import { withinTime } from './within-time.ts'
import type { ScoreStoreProblem } from '../../persistence/score-store-error.ts'
import type { ScoreStore } from '../../persistence/score-store.ts'
import type { Logger } from '@libp2p/interface'

/** How long anybody waits for the store, ms. What was begun goes on in the background. */
const PATIENCE_MS = 5_000

/** How often a store is read whose reading ends too early; then what was read has to do */
const MAX_READINGS = 3

/** The most ticks that pass without a try after a failure. None passes after the first failure, then 1, 3, 7 and so on. */
const MAX_SKIPPED_TICKS = 31

export interface StoreSessionInit {
  store: ScoreStore
  /** Whether a store that can't be used keeps the node from starting */
  strict: boolean
  log: Logger
  /**
   * Read what the open store holds
   *
   * @param onTakenIn - To be called for each peer that was read and is taken in, so that nobody takes the time of that for a store that hangs
   * @returns The error that kept it from being read whole
   */
  load: (signal: AbortSignal, onTakenIn: () => void) => Promise<ScoreStoreError | undefined>
  /** Write what has changed */
  write: () => Promise<void>
  /** What the store holds is uncertain: everything known is to be written again */
  rewrite: () => Promise<void> | void
  onFailure: (problem: ScoreStoreProblem) => void
}

/**
 * Stands between a node and a store that may fail or hang at any moment. One thing at a time
 * is done with the store, and nobody waits longer than a few seconds for it. A store that
 * fails is closed, and opened again some ticks later. A damaged store is set aside. The log
 * says when trouble begins and when it is over.
 */
export class StoreSession {
  readonly #init: StoreSessionInit
  readonly #name: string
  /** Aborted when the node stops; undefined while it is stopped */
  #signal: AbortSignal | undefined
  #isOpen = false
  #isLoaded = false
  #readings = 0
  #mustClear = false
  /** Whether what was read is being taken in: then it is not the store that is waited for */
  #takesIn = false
  #trouble: ScoreStoreError | undefined
  #failures = 0
  #ticksToSkip = 0
  /** How many pieces of work are under way or wait their turn */
  #underWay = 0
  #tail: Promise<unknown> = Promise.resolve()

  constructor (init: StoreSessionInit) {
    this.#init = init
    this.#name = init.store.name ?? 'score store'
  }

  /**
   * Open the store and load it. Where it can't be used the log says so, and it is tried again.
   *
   * @param signal - Ends the session's work; `stop` is to be called then
   * @throws {ScoreStoreError} It can't be used and the session is strict
   * @throws {Error} The signal's reason
   */
  async start (signal: AbortSignal): Promise<void> {
    this.#signal = signal

    try {
      await this.#bounded(async () => this.#makeReady(signal), signal)
    } catch (err) {
      if (this.#init.strict || signal.aborted) {
        throw err
      }
    }
  }

  /**
   * Write what has changed, at every interval. This does not throw.
   */
  async tick (): Promise<void> {
    if (this.#signal === undefined || this.#underWay > 0) {
      return
    }

    if (this.#ticksToSkip > 0) {
      this.#ticksToSkip--
      return
    }

    // the log has told of it already
    await this.#update().catch(() => {})
  }

  /**
   * Write what has changed, now. A stopped session does it at the next start.
   *
   * @throws {ScoreStoreError} It could not be written; it will be tried again
   */
  async flush (): Promise<void> {
    if (this.#signal !== undefined) {
      await this.#update()
    }
  }

  /**
   * Forget all that the store holds. A stopped session does it at the next start.
   *
   * @throws {ScoreStoreError} As `flush`
   */
  async clear (): Promise<void> {
    this.#mustClear = true
    await this.flush()
  }

  /**
   * Write what has changed and close the store. This does not throw, and ends after a few
   * seconds. A store that hangs is closed when it no longer does.
   */
  async stop (): Promise<void> {
    if (this.#signal === undefined) {
      return
    }

    this.#signal = undefined

    await this.#waitFor(this.#enqueue(async () => {
      try {
        if (this.#isLoaded) {
          await this.#makeReady()
          await this.#init.write()
        }
      } catch (err) {
        this.#tell(this.#explain(err), 'What changed since the last write is lost')
      }

      await this.#letGo()
      this.#isLoaded = false
      this.#trouble = undefined
      this.#readings = this.#failures = this.#ticksToSkip = 0
    })).catch(() => {})
  }

  async #update (): Promise<void> {
    await this.#bounded(async () => {
      if (this.#signal !== undefined) {
        await this.#makeReady(this.#signal)
        await this.#init.write()
      }
    })
  }

  async #makeReady (signal?: AbortSignal): Promise<void> {
    const { store, strict, load, rewrite } = this.#init

    if (!this.#isOpen) {
      // a damaged database may open, and then fail each time at the damage
      if (this.#trouble?.problem === 'damaged' && !strict && await this.#setAside(this.#trouble) === undefined) {
        this.#trouble = undefined
      }

      await this.#open(signal)
      this.#isOpen = true
    }

    if (this.#mustClear) {
      await store.clear()
      this.#mustClear = false
    }

    if (!this.#isLoaded && signal !== undefined) {
      const damage = await load(signal, () => { this.#takesIn = true }).finally(() => { this.#takesIn = false })

      if (damage?.problem === 'damaged' && !strict) {
        await rewrite()

        if (await this.#setAside(damage) !== undefined) {
          this.#init.log.error('%s. What could be read is used, and it stays where it is', damage.message)
        }

        await store.open()
      } else if (damage !== undefined && (strict || ++this.#readings < MAX_READINGS)) {
        throw damage
      }

      this.#isLoaded = true
    }
  }

  async #open (signal: AbortSignal | undefined): Promise<void> {
    const { store, strict } = this.#init
    const options = signal === undefined ? {} : { signal }

    try {
      await store.open(options)
    } catch (err) {
      const error = this.#explain(err)

      if (error.problem !== 'damaged' || strict) {
        throw error
      }

      const obstacle = await this.#setAside(error)

      if (obstacle !== undefined) {
        throw new ScoreStoreError(obstacle === error ? error.message : `${error.message} (${obstacle.message})`, { problem: 'damaged', cause: error })
      }

      await store.open(options)
    }
  }

  /**
   * @returns The error that kept the store from being set aside
   */
  async #setAside (damage: ScoreStoreError): Promise<ScoreStoreError | undefined> {
    const { store, log, onFailure } = this.#init

    onFailure('damaged')

    try {
      if (store.setAside === undefined) {
        return damage
      }

      const aside = await store.setAside()
      log.error('%s. %s', damage.message, aside === undefined ? 'It is gone by now, and a new one is begun' : `It was set aside as ${aside}, and a new one is begun`)

      return undefined
    } catch (err) {
      return this.#explain(err)
    }
  }

  /** Do a piece of work in its turn. A failure is logged, and closes the store. */
  async #bounded (work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    await this.#waitFor(this.#enqueue(async () => {
      try {
        await work()
        this.#succeeded()
      } catch (err) {
        if (this.#signal === undefined || this.#signal.aborted) {
          throw err
        }

        const error = await this.#failed(err)
        await this.#letGo()
        throw error
      }
    }), signal)
  }

  async #enqueue (work: () => Promise<void>): Promise<void> {
    this.#underWay++
    const done = this.#tail.then(work).finally(() => { this.#underWay-- })
    this.#tail = done.catch(() => {})

    return done
  }

  async #waitFor (work: Promise<void>, signal?: AbortSignal): Promise<void> {
    await withinTime(work, PATIENCE_MS, () => {
      if (this.#takesIn) {
        this.#takesIn = false
        return undefined
      }

      return this.#tell(new ScoreStoreError(
        `${this.#name} does not answer for ${PATIENCE_MS / 1_000} s; see what keeps its disk or its database busy`,
        { problem: 'no-answer' }
      ), 'The node does not wait for it')
    }, signal)
  }

  #succeeded (): void {
    if (this.#trouble !== undefined) {
      this.#init.log('%s can be used again', this.#name)
    }

    this.#trouble = undefined
    this.#failures = this.#ticksToSkip = 0
  }

  async #failed (thrown: unknown): Promise<ScoreStoreError> {
    this.#ticksToSkip = Math.min(2 ** this.#failures++ - 1, MAX_SKIPPED_TICKS)
    await this.#init.rewrite()

    return this.#tell(this.#explain(thrown), this.#init.strict && !this.#isLoaded ? 'The node does not start without it' : 'Until it can be used scores are kept in memory only')
  }

  /** Log trouble once, however long it lasts */
  #tell (error: ScoreStoreError, consequence: string): ScoreStoreError {
    const { log, onFailure } = this.#init

    onFailure(error.problem)

    if (this.#trouble?.problem !== error.problem) {
      log.error('%s. %s', error.message, consequence)
    }

    this.#trouble = error

    return error
  }

  async #letGo (): Promise<void> {
    if (this.#isOpen) {
      this.#isOpen = false

      try {
        await this.#init.store.close()
      } catch (err) {
        this.#tell(this.#explain(err), 'It may stay locked')
      }
    }
  }

  #explain (thrown: unknown): ScoreStoreError {
    return explainStoreFailure(this.#name, 'used', thrown)
  }
}
