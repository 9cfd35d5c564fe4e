import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreSession } from '../../../src/libp2p/store/store-session.ts'
import { ScoreStoreError } from '../../../src/persistence/score-store-error.ts'
import { MapScoreStore } from '../../persistence/map-score-store.ts'
import { errorsTo } from '../errors-to.ts'
import type { StoreSessionInit } from '../../../src/libp2p/store/store-session.ts'

const FULL = new ScoreStoreError('the disk is full', { problem: 'no-space' })
const DAMAGED = new ScoreStoreError('the store is damaged', { problem: 'damaged' })

/** What was done with the store, in order */
let done: string[]
let errors: string[]
let info: string[]
/** What each call throws now, or waits for */
let faults: Record<string, (() => Promise<void>) | undefined>
let controller: AbortController

/** A store of which each call is noted, and fails as the test has it */
class FaultyStore extends MapScoreStore {
  constructor () {
    super(new Map())

    for (const name of ['open', 'close', 'clear'] as const) {
      const original = this[name].bind(this)
      this[name] = async () => {
        await call(name)
        await original()
      }
    }
  }
}

async function call (name: string): Promise<void> {
  done.push(name)
  await faults[name]?.()
}

function session (init: Partial<StoreSessionInit> = {}): StoreSession {
  return new StoreSession({
    store: new FaultyStore(),
    strict: false,
    log: errorsTo(errors, info).forComponent('test'),
    load: async () => {
      await call('load')

      return undefined
    },
    write: async () => call('write'),
    rewrite: () => { done.push('rewrite') },
    onFailure: problem => { done.push(`failed: ${problem}`) },
    ...init
  })
}

function fails (error: unknown): () => Promise<void> {
  return async () => { throw error }
}

beforeEach(() => {
  vi.useFakeTimers()
  done = []
  errors = []
  info = []
  faults = {}
  controller = new AbortController()
})

afterEach(() => { vi.useRealTimers() })

describe('a store that works', () => {
  test('is opened and read at the start, written at each tick, and written and closed at the end', async () => {
    const store = session()
    await store.start(controller.signal)
    await store.tick()
    await store.stop()

    expect(done).toEqual(['open', 'load', 'write', 'write', 'close'])
    expect(errors).toEqual([])
  })

  test('is left alone while it is stopped, and cleared at the next start where that was wanted', async () => {
    const store = session()
    await store.tick()
    await store.flush()
    await store.clear()
    expect(done).toEqual([])

    await store.start(controller.signal)
    expect(done).toEqual(['open', 'clear', 'load'])
  })

  test('is cleared at once while it runs', async () => {
    const store = session()
    await store.start(controller.signal)
    await store.clear()

    expect(done).toEqual(['open', 'load', 'clear', 'write'])
  })

  test('does one thing at a time, and skips a tick meanwhile', async () => {
    const store = session()
    await store.start(controller.signal)
    const gate = Promise.withResolvers<void>()
    faults.write = async () => gate.promise
    const first = store.tick()
    await store.tick()
    gate.resolve()
    await first

    expect(done).toEqual(['open', 'load', 'write'])
  })
})

describe('a store that fails', () => {
  test('costs nothing but the scores: the node starts, the log says so once, and it is tried again', async () => {
    faults.open = fails(FULL)
    const store = session()
    await store.start(controller.signal)

    for (let ticks = 0; ticks < 4; ticks++) {
      await store.tick()
    }

    expect(errors).toEqual(['the disk is full. Until it can be used scores are kept in memory only'])
    // none passes after the first failure, one after the second, three after the third
    expect(done.filter(name => name === 'open')).toHaveLength(3)
    delete faults.open
    await store.flush()
    expect(info).toContain('score store in a map can be used again')
    expect(done.slice(-3)).toEqual(['open', 'load', 'write'])
  })

  test('is tried no less often than at every 32nd tick', async () => {
    faults.open = fails(FULL)
    const store = session()
    await store.start(controller.signal)

    for (let ticks = 0; ticks < 100; ticks++) {
      await store.tick()
    }

    done.length = 0

    for (let ticks = 0; ticks < 64; ticks++) {
      await store.tick()
    }

    expect(done.filter(name => name === 'open')).toHaveLength(2)
  })

  test('keeps a node from starting that insists on its scores, and nothing is moved', async () => {
    faults.open = fails(DAMAGED)
    const setAside = vi.fn(async () => undefined)
    const store = session({ store: Object.assign(new FaultyStore(), { setAside }), strict: true })

    await expect(store.start(controller.signal)).rejects.toThrow('the store is damaged')
    expect(errors).toEqual(['the store is damaged. The node does not start without it'])
    expect(setAside).not.toHaveBeenCalled()
  })

  test('in a write is closed, all is to be written again, and whoever asked is told', async () => {
    const store = session()
    await store.start(controller.signal)
    faults.write = fails(new Error('no luck'))

    await expect(store.flush()).rejects.toMatchObject({ name: 'ScoreStoreError', problem: 'unusable' })
    expect(done).toEqual(['open', 'load', 'write', 'rewrite', 'failed: unusable', 'close'])
  })

  test('when it is closed says that it may stay locked', async () => {
    const store = session()
    await store.start(controller.signal)
    faults.close = fails(FULL)
    await store.stop()

    expect(errors).toEqual(['the disk is full. It may stay locked'])
  })

  test('at the last write says what is lost, and is closed', async () => {
    const store = session()
    await store.start(controller.signal)
    faults.write = fails(FULL)
    await store.stop()

    expect(errors).toEqual(['the disk is full. What changed since the last write is lost'])
    expect(done.at(-1)).toBe('close')
  })

  test('is used again after the next start as if nothing had been', async () => {
    faults.open = fails(FULL)
    const store = session()
    await store.start(controller.signal)
    await store.stop()
    delete faults.open
    done.length = 0
    await store.start(new AbortController().signal)

    expect(done).toEqual(['open', 'load'])
  })
})

describe('a damaged store', () => {
  test('is set aside when it can not be opened, and a new one begun', async () => {
    faults.open = async () => {
      delete faults.open
      throw DAMAGED
    }
    await session({ store: Object.assign(new FaultyStore(), { setAside: async () => './scores.damaged-1' }) }).start(controller.signal)

    expect(errors).toEqual(['the store is damaged. It was set aside as ./scores.damaged-1, and a new one is begun'])
    expect(done).toEqual(['open', 'failed: damaged', 'open', 'load'])
  })

  test('whose reading shows the damage is set aside, and what was read goes into a new one', async () => {
    await session({
      store: Object.assign(new FaultyStore(), { setAside: async () => './scores.damaged-1' }),
      load: async () => DAMAGED
    }).start(controller.signal)

    expect(done).toEqual(['open', 'rewrite', 'failed: damaged', 'open'])
  })

  test('that can not be set aside is told of once, with what is in the way', async () => {
    faults.open = fails(DAMAGED)
    const store = session({ store: Object.assign(new FaultyStore(), { setAside: async () => { throw new ScoreStoreError('its directory holds other files too') } }) })
    await store.start(controller.signal)
    await store.tick()

    expect(errors).toEqual(['the store is damaged (its directory holds other files too). Until it can be used scores are kept in memory only'])
  })

  test('that is none of ours to move is told of as it is', async () => {
    faults.open = fails(DAMAGED)
    await session().start(controller.signal)

    expect(errors).toEqual(['the store is damaged. Until it can be used scores are kept in memory only'])
  })
})

describe('a store whose reading ends too early', () => {
  test('is read three times, and then what was read has to do', async () => {
    let readings = 0
    const store = session({
      load: async () => {
        readings++

        return FULL
      }
    })
    await store.start(controller.signal)

    for (let ticks = 0; ticks < 10; ticks++) {
      await store.tick()
    }

    expect(readings).toBe(3)
    expect(done.at(-1)).toBe('write')
  })
})

describe('a store that hangs', () => {
  test('is not taken for one while peers that were read are taken in, however long that takes', async () => {
    const store = session({
      load: async (_, onTakenIn) => {
        for (let second = 0; second < 20; second++) {
          await new Promise(resolve => setTimeout(resolve, 1_000))
          onTakenIn()
        }

        return undefined
      }
    })
    const start = store.start(controller.signal).then(() => { done.push('started') })
    await vi.advanceTimersByTimeAsync(19_999)
    expect(done).toEqual(['open'])
    await vi.advanceTimersByTimeAsync(1)
    await start
    expect(errors).toEqual([])

    const gate = Promise.withResolvers<void>()
    faults.write = async () => gate.promise
    const flush = expect(store.flush()).rejects.toThrow('does not answer for 5 s')
    await vi.advanceTimersByTimeAsync(5_000)
    await flush
  })

  test('is waited for five seconds at the start, and used when it answers', async () => {
    const gate = Promise.withResolvers<void>()
    faults.open = async () => gate.promise
    const store = session()
    const start = store.start(controller.signal)
    await vi.advanceTimersByTimeAsync(5_000)
    await start
    expect(errors).toEqual(['score store in a map does not answer for 5 s; see what keeps its disk or its database busy. The node does not wait for it'])

    gate.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(done.slice(0, 3)).toEqual(['open', 'failed: no-answer', 'load'])
    expect(info).toContain('score store in a map can be used again')
  })

  test('is waited for five seconds at the end', async () => {
    const store = session()
    await store.start(controller.signal)
    faults.write = async () => new Promise(() => {})
    let isStopped = false
    const stop = store.stop().then(() => { isStopped = true })
    await vi.advanceTimersByTimeAsync(4_999)
    expect(isStopped).toBe(false)

    await vi.advanceTimersByTimeAsync(1)
    await stop
  })

  test('holds up no node that is stopped meanwhile', async () => {
    faults.open = async () => new Promise(() => {})
    const start = expect(session().start(controller.signal)).rejects.toThrow('enough')
    controller.abort(new Error('enough'))
    await start
  })
})
