import { afterEach, describe, expect, test, vi } from 'vitest'
import { letOthersRun } from '../../src/libp2p/let-others-run.ts'

afterEach(() => { vi.unstubAllGlobals() })

describe('work of many steps', () => {
  test('goes on for 4 ms, and then others have their turn', async () => {
    let now = 1_000
    const letRun = letOthersRun(() => now)
    now += 3.9
    expect(letRun()).toBe(undefined)

    now += 0.1
    let othersRan = false
    setImmediate(() => { othersRan = true })
    await letRun()
    expect(othersRan).toBe(true)
    expect(letRun()).toBe(undefined)
  })

  test('lets others run in a browser too', async () => {
    vi.stubGlobal('setImmediate', undefined)
    let now = 0
    const letRun = letOthersRun(() => now)
    now += 4
    let microtasks = 0
    let isOver = false
    const turn = letRun()?.then(() => { isOver = true })

    while (microtasks < 100) {
      await Promise.resolve()
      microtasks++
    }

    expect(isOver).toBe(false)
    await turn
    expect(letRun()).toBe(undefined)
  })
})
