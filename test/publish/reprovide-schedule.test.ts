import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReprovideSchedule } from '../../src/publish/reprovide-schedule.ts'
import { regionOf } from './region-of.ts'
import type { Region } from '../../src/publish/region.ts'

const HOUR = 3_600_000
const CYCLE = 22 * HOUR
const ZERO = new Uint8Array(32)

/** Some moment in 2024 at which a cycle begins, for a node without a phase */
const BEGIN = 21_600 * CYCLE

/** The keyspace in regions of this length */
function regionsOf (length: number): Region[] {
  return Array.from({ length: 2 ** length }, (_, i) => regionOf(length === 0 ? '' : i.toString(2).padStart(length, '0'), 32))
}

/** A plan with regions in words, and times in cycles after the beginning */
function planOf (sentAt: Record<string, number | undefined>, now: number, self = ZERO): { due: string[], nextAt: number | undefined, misdated: Record<string, number> } {
  const regions = Object.keys(sentAt).map(name => regionOf(name, 32))
  const { due, nextAtMs, misdated } = new ReprovideSchedule({ cycleMs: CYCLE, self }).plan(regions, region => toMs(sentAt[`${region}`]), BEGIN + now * CYCLE)

  return {
    due: due.map(String),
    nextAt: nextAtMs === undefined ? undefined : (nextAtMs - BEGIN) / CYCLE,
    misdated: Object.fromEntries(misdated.map(({ region, sentAtMs }) => [`${region}`, (sentAtMs - BEGIN) / CYCLE]))
  }
}

function toMs (cycles: number | undefined): number | undefined {
  return cycles === undefined ? undefined : BEGIN + cycles * CYCLE
}

describe('a region', () => {
  test('has its moment in the cycle by its place in the keyspace', () => {
    expect(planOf({ '00': 0, '01': 0, 10: 0, 11: 0 }, 0.1)).toEqual({ due: [], nextAt: 0.25, misdated: {} })
    expect(planOf({ '00': 0, '01': 0, 10: 0, 11: 0 }, 0.25)).toEqual({ due: ['01'], nextAt: 0.5, misdated: {} })
    expect(planOf({ '00': 0, '01': 0.25, 10: 0.51, 11: 0.76 }, 0.9)).toEqual({ due: [], nextAt: 1, misdated: {} })
    expect(planOf({ '00': 0, '01': 0.25, 10: 0.51, 11: 0.76 }, 1)).toEqual({ due: ['00'], nextAt: 1.25, misdated: {} })
  })

  test('is due until it has been sent, the first due first', () => {
    expect(planOf({ '00': 0, '01': 0.25, 10: 0.5, 11: -0.2 }, 1.3).due).toEqual(['11', '00', '01'])
  })

  test('is due when it was never sent, before all others', () => {
    expect(planOf({ '00': 0, '01': 0.25, 10: undefined, 11: undefined }, 1.3).due).toEqual(['10', '11', '00', '01'])
  })

  test('that was sent too late is due again in time', () => {
    expect(planOf({ '01': 1.24 }, 1.245).due).toEqual([])
    expect(planOf({ '01': 1.24 }, 1.25).due).toEqual(['01'])
  })

  test('is due once after weeks away, those that were sent on the way not at all', () => {
    expect(planOf({ '00': 0, '01': 29.9, 10: 30.1, 11: 0.75 }, 30.1)).toEqual({ due: ['00', '11'], nextAt: 30.25, misdated: {} })
  })
})

describe('without regions', () => {
  test('nothing is due, now or later', () => {
    expect(planOf({}, 0)).toEqual({ due: [], nextAt: undefined, misdated: {} })
  })
})

describe('after the clock was set back', () => {
  test('nothing is due that was sent ahead', () => {
    expect(planOf({ '00': 1, '01': 1.25 }, 0.9)).toEqual({ due: [], nextAt: 1, misdated: {} })
    expect(planOf({ '00': 1, '01': 1.25 }, 1.24).due).toEqual([])
  })

  test('a time far ahead is put right, to one after which no moment is near', () => {
    expect(planOf({ '00': 1, '01': 400.25 }, 0.7)).toEqual({ due: [], nextAt: 1, misdated: { '01': 1.2 } })
    expect(planOf({ '01': 400.25 }, 0.75)).toMatchObject({ misdated: { '01': 1.25 } })
    expect(planOf({ '01': 1.2 }, 1.2)).toMatchObject({ due: [], nextAt: 1.25 })
    expect(planOf({ '01': 1.25 }, 1.25)).toMatchObject({ due: [], nextAt: 2.25 })
  })
})

describe('nodes', () => {
  test('have phases of their own, by the last bytes of their kad ids', () => {
    const self = Uint8Array.from({ length: 32 }, (_, i) => i === 26 ? 0x40 : 0)
    const near = Uint8Array.from({ length: 32 }, (_, i) => i < 26 ? 0xff : 0)

    expect(planOf({ '00': 0.1, '01': 0.1, 11: 0.1 }, 0.25, self)).toEqual({ due: ['00'], nextAt: 0.5, misdated: {} })
    // behind the end of the cycle its beginning follows
    expect(planOf({ 11: 0.75 }, 0.9, self)).toEqual({ due: [], nextAt: 1, misdated: {} })
    expect(planOf({ '00': 0.1, '01': 0.1, 11: 0.1 }, 0.25, near)).toEqual({ due: ['01'], nextAt: 0.75, misdated: {} })
  })
})

describe('the next moment', () => {
  test('is the one at which the next region is due, whatever the cycle', () => {
    const anyKadId = fc.uint8Array({ minLength: 32, maxLength: 32 })

    fc.assert(fc.property(fc.integer({ min: 60_000, max: 30 * 24 * HOUR }), anyKadId, fc.nat(24), anyKadId, fc.integer({ min: 0, max: 4e12 }), (cycleMs, self, length, kadId, now) => {
      const schedule = new ReprovideSchedule({ cycleMs, self })
      const region = regionOf(Array.from(kadId, byte => byte.toString(2).padStart(8, '0')).join('').slice(0, length), 32)
      const { due, nextAtMs = NaN } = schedule.plan([region], () => now, now)

      expect(due).toEqual([])
      expect(nextAtMs).toBeGreaterThan(now)
      expect(nextAtMs - now).toBeLessThanOrEqual(cycleMs)
      expect(schedule.plan([region], () => now, nextAtMs - 1).due).toEqual([])
      expect(schedule.plan([region], () => now, nextAtMs)).toMatchObject({ due: [region], nextAtMs: nextAtMs + cycleMs })
      expect(schedule.plan([region], () => nextAtMs, nextAtMs).due).toEqual([])
    }))
  })
})

interface Session {
  upMs: number
  downMs: number
  /** How far the clock is set back after it, ms */
  setBackMs: number
}

interface Life {
  length: number
  self: Uint8Array
  sendMs: number
  sessions: Session[]
}

/**
 * Run a node through these sessions, and one of three cycles at last. A region whose sending is cut off is not sent.
 *
 * @returns When each region was sent, and when the last session began; in true time, which is never set back
 */
function live ({ length, self, sendMs, sessions }: Life): { sent: Map<string, number[]>, lastSessionAt: number, endsAt: number } {
  const schedule = new ReprovideSchedule({ cycleMs: CYCLE, self })
  const regions = regionsOf(length)
  const sentAt = new Map<string, number>()
  const sent = new Map<string, number[]>(regions.map(region => [`${region}`, []]))
  const now = { time: 0, clock: BEGIN + 12_345 }
  let lastSessionAt = 0
  const pass = (ms: number): void => { now.time += ms; now.clock += ms }

  for (const { upMs, downMs, setBackMs } of [...sessions, { upMs: 3 * CYCLE, downMs: 0, setBackMs: 0 }]) {
    lastSessionAt = now.time
    const endsAt = now.time + upMs

    while (now.time < endsAt) {
      const { due: [region], nextAtMs = Infinity, misdated } = schedule.plan(regions, region => sentAt.get(`${region}`), now.clock)
      misdated.forEach(({ region, sentAtMs }) => sentAt.set(`${region}`, sentAtMs))

      if (region === undefined) {
        expect(nextAtMs).toBeGreaterThan(now.clock)
        pass(Math.min(nextAtMs - now.clock, endsAt - now.time))
      } else if (now.time + sendMs > endsAt) {
        pass(endsAt - now.time)
      } else {
        sentAt.set(`${region}`, now.clock)
        sent.get(`${region}`)?.push(now.time)
        pass(sendMs)
      }
    }

    pass(downMs)
    now.clock -= setBackMs
  }

  return { sent, lastSessionAt, endsAt: now.time }
}

describe('over any sequence of restarts', () => {
  const session = fc.record({
    upMs: fc.oneof(fc.integer({ min: 0, max: HOUR }), fc.integer({ min: 0, max: 40 * HOUR })),
    downMs: fc.oneof(fc.integer({ min: 0, max: HOUR }), fc.integer({ min: 0, max: 1000 * HOUR })),
    setBackMs: fc.constant(0)
  })
  const life: fc.Arbitrary<Life> = fc.record({
    length: fc.nat(5),
    self: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    // all regions take less than an hour
    sendMs: fc.integer({ min: 1, max: 100_000 }),
    sessions: fc.array(session, { maxLength: 12 })
  })

  test('each region is sent once a cycle, and not more than twice in one', () => {
    fc.assert(fc.property(life, (life) => {
      const { sent, lastSessionAt, endsAt } = live(life)

      for (const times of sent.values()) {
        // the first is the last session's or before
        expect(times[0]).toBeLessThan(lastSessionAt + HOUR)
        times.slice(2).forEach((time, i) => { expect(time - times[i]).toBeGreaterThan(CYCLE - HOUR) })

        const steady = times.filter(time => time >= lastSessionAt + HOUR)
        expect(steady.length).toBeGreaterThanOrEqual(2)
        expect(steady.length).toBeLessThanOrEqual(4)
        ;[...steady, endsAt].slice(1).forEach((time, i) => { expect(time - steady[i]).toBeLessThan(CYCLE + HOUR) })
      }
    }), { numRuns: 200 })
  })

  test('the same where each session is long enough to send what is due', () => {
    const long = session.map(({ upMs, downMs, setBackMs }) => ({ upMs: upMs + 2 * HOUR, downMs, setBackMs }))

    fc.assert(fc.property(life, fc.array(long, { maxLength: 12 }), (life, sessions) => {
      const { sent } = live({ ...life, sessions })
      const longestAway = Math.max(0, ...sessions.map(({ downMs }) => downMs))

      for (const times of sent.values()) {
        times.slice(1).forEach((time, i) => { expect(time - times[i]).toBeLessThan(CYCLE + longestAway + HOUR) })
      }
    }), { numRuns: 100 })
  })

  test('no region is sent three times within half a cycle, where the clock is set back as well', () => {
    const setBack = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: HOUR }), fc.integer({ min: 0, max: 1000 * HOUR }))

    fc.assert(fc.property(life, fc.array(fc.tuple(session, setBack).map(([session, setBackMs]) => ({ ...session, setBackMs })), { maxLength: 12 }), (life, sessions) => {
      const { sent, lastSessionAt } = live({ ...life, sessions })

      for (const times of sent.values()) {
        times.slice(2).forEach((time, i) => { expect(time - times[i]).toBeGreaterThan(CYCLE / 2) })
        // and none is forgotten
        expect(times.some(time => time >= lastSessionAt)).toBe(true)
      }
    }), { numRuns: 200 })
  })
})

describe('many regions', () => {
  test('are sent evenly over the cycle', () => {
    const { sent, lastSessionAt } = live({ length: 8, self: ZERO, sendMs: 1000, sessions: [] })
    const steady = [...sent.values()].flat().filter(time => time >= lastSessionAt + CYCLE && time < lastSessionAt + 2 * CYCLE)
    const perHour = Array.from({ length: 22 }, (_, hour) => steady.filter(time => Math.floor((time - lastSessionAt - CYCLE) / HOUR) === hour).length)

    expect(steady).toHaveLength(256)
    expect(Math.max(...perHour)).toBeLessThanOrEqual(13)
    expect(Math.min(...perHour)).toBeGreaterThanOrEqual(11)
  })
})
