import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { withinTime } from '../../../src/libp2p/store/within-time.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const late = (): Error => new Error('late')

describe('work that may take for ever', () => {
  test('gives its result, and its own error', async () => {
    expect(await withinTime(Promise.resolve(7), 100, late)).toBe(7)
    await expect(withinTime(Promise.reject(new Error('broken')), 100, late)).rejects.toThrow('broken')
  })

  test('is given up after its time, and may end later', async () => {
    const work = Promise.withResolvers<number>()
    const result = expect(withinTime(work.promise, 100, late)).rejects.toThrow('late')
    await vi.advanceTimersByTimeAsync(100)
    await result

    work.reject(new Error('that nobody hears of'))
    await vi.advanceTimersByTimeAsync(0)
  })

  test('is not given up before', async () => {
    const work = new Promise(resolve => { setTimeout(() => { resolve(1) }, 99) })
    const result = withinTime(work, 100, late)
    await vi.advanceTimersByTimeAsync(99)

    expect(await result).toBe(1)
  })

  test('is waited for again and again, as long as nobody calls it late', async () => {
    const answers = [undefined, undefined, late()]
    const result = expect(withinTime(new Promise(() => {}), 100, () => answers.shift())).rejects.toThrow('late')
    await vi.advanceTimersByTimeAsync(299)
    expect(answers).toHaveLength(1)

    await vi.advanceTimersByTimeAsync(1)
    await result
  })

  test.each(['before', 'meanwhile'])('ends with the reason of a signal that was aborted %s', async when => {
    const controller = new AbortController()

    if (when === 'before') {
      controller.abort(new Error('enough'))
    }

    const result = expect(withinTime(new Promise(() => {}), 100, late, controller.signal)).rejects.toThrow('enough')
    controller.abort(new Error('enough'))
    await result
  })
})
