import { runInNewContext } from 'node:vm'
import { setFlagsFromString } from 'node:v8'

/** Longer than anything takes to close after a stop, ms */
const SETTLE_MS = 5000
const SETTLE_STEP_MS = 50

const BYTES_PER_MIB = 2 ** 20

/**
 * What a process uses
 */
export interface ProcessUse {
  /** Size of the heap after garbage collection */
  heapMiB: number
  rssMiB: number
  /** Handles and requests that keep the process alive */
  handles: number
}

/**
 * Watches the process in which it is made, from then on
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
      // some warnings count listeners and name their targets, so numbers are replaced to get one kind
      const kind = `${name}: ${message.replaceAll(/\d+/g, 'n')}`

      this.#warnings.set(kind, (this.#warnings.get(kind) ?? 0) + 1)
    })
  }

  /** Number of Node's warnings, by kind */
  get warnings (): Record<string, number> {
    return Object.fromEntries(this.#warnings)
  }

  async use (): Promise<ProcessUse> {
    this.#collectGarbage()
    // some objects, abort signals among them, are cleaned up after one collection and freed by the next
    await new Promise(resolve => setTimeout(resolve, SETTLE_STEP_MS))
    this.#collectGarbage()

    const { heapUsed, rss } = process.memoryUsage()

    return { heapMiB: heapUsed / BYTES_PER_MIB, rssMiB: rss / BYTES_PER_MIB, handles: process.getActiveResourcesInfo().length }
  }

  /** Number of listeners on the process itself that were not there at the start */
  listenersLeft (): number {
    // one listener is our own, for warnings
    return processListeners() - this.#listenersBefore - 1
  }

  /** Handles that were not there at the start, by type. Those that are closing get time to close first. */
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
