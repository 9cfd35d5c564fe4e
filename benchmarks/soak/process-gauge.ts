import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'

/** Longer than whatever closes after a stop takes, ms */
const SETTLE_MS = 5000
const SETTLE_STEP_MS = 50

const BYTES_PER_MIB = 2 ** 20

/**
 * What a process has in use
 */
export interface ProcessUse {
  /** After garbage collection */
  heapMiB: number
  rssMiB: number
  /** Handles and requests that keep the process alive */
  handles: number
}

/**
 * Watches the process that it is made in, from that time on
 */
export class ProcessGauge {
  readonly #collectGarbage: () => void
  readonly #handlesBefore = handlesByType()
  readonly #listenersBefore = processListeners()
  readonly #warnings = new Map<string, number>()

  constructor () {
    setFlagsFromString('--expose-gc')
    this.#collectGarbage = runInNewContext('gc')

    process.on('warning', ({ name, message }) => {
      // listeners and their targets are counted within the message
      const kind = `${name}: ${message.replaceAll(/\d+/g, 'n')}`

      this.#warnings.set(kind, (this.#warnings.get(kind) ?? 0) + 1)
    })
  }

  /** How often Node warned, by kind */
  get warnings (): Record<string, number> {
    return Object.fromEntries(this.#warnings)
  }

  async use (): Promise<ProcessUse> {
    this.#collectGarbage()
    // what is cleaned up after one collection, abort signals among it, the next one frees
    await new Promise(resolve => setTimeout(resolve, SETTLE_STEP_MS))
    this.#collectGarbage()

    const { heapUsed, rss } = process.memoryUsage()

    return { heapMiB: heapUsed / BYTES_PER_MIB, rssMiB: rss / BYTES_PER_MIB, handles: process.getActiveResourcesInfo().length }
  }

  /** Listeners on the process itself that were not there at first */
  listenersLeft (): number {
    // the one for warnings is our own
    return processListeners() - this.#listenersBefore - 1
  }

  /** Handles that were not there at first, by type, once what is closing has had time to close */
  async handlesLeft (): Promise<Record<string, number>> {
    const until = performance.now() + SETTLE_MS
    let left = this.#handlesNow()

    while (Object.keys(left).length > 0 && performance.now() < until) {
      await new Promise(resolve => setTimeout(resolve, SETTLE_STEP_MS))
      left = this.#handlesNow()
    }

    return left
  }

  #handlesNow (): Record<string, number> {
    return Object.fromEntries([...handlesByType()]
      .map(([type, count]): [string, number] => [type, count - (this.#handlesBefore.get(type) ?? 0)])
      .filter(([, more]) => more > 0))
  }
}

function handlesByType (): Map<string, number> {
  const counts = new Map<string, number>()

  for (const type of process.getActiveResourcesInfo()) {
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }

  return counts
}

function processListeners (): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0)
}
