import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { DialGate } from '../../../src/libp2p/streams/dial-gate.ts'
import type { AdmittedDial } from '../../../src/libp2p/streams/dial-gate.ts'
import type { DialPlace } from '../../../src/lookup/dial-bounds.ts'

/** How many dials one endpoint takes that has never answered */
const ROOM = 4

const PLACE: DialPlace = { host: 'host', endpoint: 'host:1' }

interface Dial {
  result: AdmittedDial | 'full' | 'silent' | Error | undefined
  held: boolean[]
  gaveWay: number
  abort: () => void
}

let gate: DialGate

beforeEach(() => {
  vi.useFakeTimers()
  gate = new DialGate()
})

afterEach(() => {
  vi.useRealTimers()
})

async function enter (place = PLACE): Promise<Dial> {
  const controller = new AbortController()
  const dial: Dial = { result: undefined, held: [], gaveWay: 0, abort: () => { controller.abort(new Error('enough')) } }

  gate.enter(place, {
    signal: controller.signal,
    onHeld: isHeld => { dial.held.push(isHeld) },
    giveWay: () => {
      dial.gaveWay++
      leave(dial)
    }
  }).then(result => { dial.result = result }, err => { dial.result = err })
  await vi.advanceTimersByTimeAsync(0)

  return dial
}

async function enterMany (count: number, place = PLACE): Promise<Dial[]> {
  const dials: Dial[] = []

  for (let i = 0; i < count; i++) {
    dials.push(await enter(place))
  }

  return dials
}

function admitted ({ result }: Dial): AdmittedDial {
  if (typeof result !== 'object' || result instanceof Error) {
    throw new Error(`the dial is ${result}`)
  }

  return result
}

function leave (dial: Dial): void {
  admitted(dial).leave()
}

describe('a dial', () => {
  test('is let in at once while there is room', async () => {
    const dials = await enterMany(ROOM)

    dials.forEach(dial => { expect(admitted(dial)).toBeDefined() })
    expect(dials.flatMap(({ held }) => held)).toEqual([])
  })

  test('too many waits until another one ends, who came first is let in first', async () => {
    const [first, ...others] = await enterMany(ROOM)
    const waiting = await enterMany(2)
    expect(waiting.map(({ held, result }) => [held, result])).toEqual([[[true], undefined], [[true], undefined]])

    leave(first)
    await vi.advanceTimersByTimeAsync(0)
    expect(admitted(waiting[0])).toBeDefined()
    expect(waiting.map(({ held }) => held)).toEqual([[true, false], [true]])

    leave(others[0])
    await vi.advanceTimersByTimeAsync(0)
    expect(admitted(waiting[1])).toBeDefined()
  })

  test('waits for two seconds at most', async () => {
    await enterMany(ROOM)
    const waiting = await enter()
    await vi.advanceTimersByTimeAsync(1_999)
    expect(waiting.result).toBeUndefined()

    await vi.advanceTimersByTimeAsync(1)
    expect(waiting).toMatchObject({ result: 'full', held: [true, false] })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('to another place does not wait', async () => {
    await enterMany(ROOM)

    expect(admitted(await enter({ host: 'other', endpoint: 'other:1' }))).toBeDefined()
  })

  test('that nobody wants any more does not wait', async () => {
    await enterMany(ROOM)
    const waiting = await enter()
    waiting.abort()
    await vi.advanceTimersByTimeAsync(0)

    expect(waiting.result).toMatchObject({ message: 'enough' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that had its turn gives way to one that waits', async () => {
    const [first] = await enterMany(ROOM)
    const waiting = await enter()
    admitted(first).turnIsOver()
    await vi.advanceTimersByTimeAsync(0)

    expect(first.gaveWay).toBe(1)
    expect(admitted(waiting)).toBeDefined()
  })

  test('that had its turn goes on until one comes that has to wait', async () => {
    const [first] = await enterMany(ROOM)
    admitted(first).turnIsOver()
    expect(first.gaveWay).toBe(0)

    const next = await enter()
    await vi.advanceTimersByTimeAsync(0)
    expect(first.gaveWay).toBe(1)
    expect(admitted(next)).toBeDefined()
  })

  test('that had its turn gives way to none at another place', async () => {
    const [first] = await enterMany(ROOM)
    admitted(first).turnIsOver()
    await enter({ host: 'other', endpoint: 'other:1' })

    expect(first.gaveWay).toBe(0)
  })
})

describe('a place', () => {
  test('where four dials had no answer is silent: nobody waits for it any more', async () => {
    const dials = await enterMany(ROOM)
    const waiting = await enter()
    dials.forEach(dial => { admitted(dial).turnIsOver() })
    await vi.advanceTimersByTimeAsync(0)
    const next = await enterMany(ROOM)

    expect(admitted(waiting)).toBeDefined()
    expect(next.at(-1)?.result).toBe('silent')
  })

  test('is not silent for ever', async () => {
    const dials = await enterMany(ROOM)
    dials.forEach(dial => {
      admitted(dial).turnIsOver()
      leave(dial)
    })
    await vi.advanceTimersByTimeAsync(10_001)
    await enterMany(ROOM)

    expect((await enter()).held).toEqual([true])
  })

  test('has room for more as soon as a peer was reached there', async () => {
    await enterMany(ROOM)
    const waiting = await enter()
    gate.worked(PLACE)
    await vi.advanceTimersByTimeAsync(0)

    expect(admitted(waiting)).toBeDefined()
  })
})
