import { describe, expect, test } from 'vitest'
import { Turns } from '../../../src/persistence/published/turns.ts'

describe('turns', () => {
  test('do one after the other, in the order of the calls, also after one that failed', async () => {
    const turns = new Turns()
    const log: string[] = []
    const work = (name: string, fails = false) => async () => {
      log.push(`${name} begins`)
      await Promise.resolve()
      log.push(`${name} ends`)

      if (fails) {
        throw new Error(`${name} failed`)
      }

      return name
    }

    const results = await Promise.allSettled([turns.take(work('a')), turns.take(work('b', true)), turns.take(work('c'))])

    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(results.map(result => result.status === 'fulfilled' ? result.value : result.reason.message)).toEqual(['a', 'b failed', 'c'])
  })

  test('skip what was given up before its turn came', async () => {
    const turns = new Turns()
    const first = Promise.withResolvers<void>()
    const giveUp = new AbortController()
    let done = false
    const running = turns.take(async () => first.promise)
    const waiting = turns.take(async () => { done = true }, { signal: giveUp.signal })
    giveUp.abort(new Error('no longer'))

    // before the first has ended
    await expect(waiting).rejects.toThrow('no longer')
    first.resolve()
    await running
    await turns.take(async () => {})
    expect(done).toBe(false)
    await expect(turns.take(async () => { done = true }, { signal: giveUp.signal })).rejects.toThrow('no longer')
  })

  test('let work that has begun come to its end, though nobody waits for it any more', async () => {
    const turns = new Turns()
    const work = Promise.withResolvers<void>()
    const giveUp = new AbortController()
    const running = turns.take(async () => work.promise, { signal: giveUp.signal })
    await Promise.resolve()
    giveUp.abort(new Error('no longer'))
    await expect(running).rejects.toThrow('no longer')

    let next = false
    const following = turns.take(async () => { next = true })
    await new Promise(resolve => { setImmediate(resolve) })
    expect(next).toBe(false)
    work.resolve()
    await following
    expect(next).toBe(true)
  })
})
