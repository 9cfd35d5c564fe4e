import { describe, expect, test } from 'vitest'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { GeneratedSessions } from '../../../../benchmarks/simulator/world/generated-sessions.ts'
import type { WorldConditions } from '../../../../benchmarks/simulator/world/conditions.ts'

const HOUR_MS = 3_600_000
const EU_CENTRAL = 9

/** Everybody comes and goes, at all hours alike */
const CHURNERS: WorldConditions = { ...WORLD_CONDITIONS['amino-2025'], stableShare: 0, churnerOnlineShare: 0.34, rhythmAmplitude: 0 }

function sessionsOf (size: number, conditions: WorldConditions, { seed = 1, startMs = 0 } = {}): GeneratedSessions {
  return new GeneratedSessions({ population: { size, region: () => EU_CENTRAL }, seed, conditions, startMs })
}

function onlineShare (sessions: GeneratedSessions, size: number, now: number): number {
  let online = 0

  for (let node = 0; node < size; node++) {
    online += sessions.isOnline(node, now) ? 1 : 0
  }

  return online / size
}

interface Period {
  node: number
  isOnline: boolean
  sinceMs: number
  lengthMs: number
}

/** All sessions and absences that begin within a time */
function periods (sessions: GeneratedSessions, size: number, fromMs: number, toMs: number): Period[] {
  const found: Period[] = []

  for (let node = 0; node < size; node++) {
    for (let now = fromMs; now < toMs;) {
      const isOnline = sessions.isOnline(node, now)
      const sinceMs = sessions.since(node, now)
      const nextMs = sessions.nextChange(node, now)

      if (sinceMs >= fromMs) {
        found.push({ node, isOnline, sinceMs, lengthMs: nextMs - sinceMs })
      }

      now = nextMs
    }
  }

  return found
}

/** Of those that last for some hours: how many last for more */
function lasting (found: Period[], hours: number, moreHours: number): number {
  const lasted = found.filter(({ lengthMs }) => lengthMs > hours * HOUR_MS)

  return lasted.filter(({ lengthMs }) => lengthMs > (hours + moreHours) * HOUR_MS).length / lasted.length
}

describe('GeneratedSessions', () => {
  const SIZE = 60_000

  test('do not depend on who asks, when and in which order', () => {
    const conditions = { ...WORLD_CONDITIONS['amino-2025'], churn: { share: 0.2, everyMs: 3 * HOUR_MS } }
    const often = sessionsOf(2000, conditions, { startMs: -5 * HOUR_MS })
    const once = sessionsOf(2000, conditions, { startMs: -5 * HOUR_MS })

    for (let now = -5 * HOUR_MS; now < 48 * HOUR_MS; now += 17 * 60_000) {
      for (let node = 0; node < 2000; node += 1 + Math.abs(now / 60_000) % 5) {
        often.isOnline(node, now)
      }
    }

    for (let node = 1999; node >= 0; node--) {
      const now = 48 * HOUR_MS

      expect(once.isOnline(node, now)).to.equal(often.isOnline(node, now))
      expect(once.since(node, now)).to.equal(often.since(node, now))
      expect(once.nextChange(node, now)).to.equal(often.nextChange(node, now))
    }
  })

  test('are what they were when time goes back', () => {
    const conditions = { ...WORLD_CONDITIONS['amino-2022'], churn: { share: 0.2, everyMs: 3 * HOUR_MS } }
    const back = sessionsOf(2000, conditions, { startMs: -5 * HOUR_MS })
    const forth = sessionsOf(2000, conditions, { startMs: -5 * HOUR_MS })

    for (let node = 0; node < 2000; node++) {
      back.isOnline(node, 24 * HOUR_MS)

      for (const now of [20, -5, 3].map(hours => hours * HOUR_MS)) {
        back.isOnline(node, now)
      }

      for (const now of [3, 3.1, 12].map(hours => hours * HOUR_MS)) {
        expect([back.isOnline(node, now), back.since(node, now), back.nextChange(node, now)])
          .to.deep.equal([forth.isOnline(node, now), forth.since(node, now), forth.nextChange(node, now)])
      }
    }
  })

  test('are those of the seed', () => {
    const sinceOf = (seed: number): number[] => {
      const sessions = sessionsOf(500, CHURNERS, { seed })

      return Array.from({ length: 500 }, (_, node) => sessions.since(node, HOUR_MS))
    }

    expect(sinceOf(1)).to.deep.equal(sinceOf(1))
    expect(sinceOf(1).filter((since, node) => since === sinceOf(2)[node])).to.deep.equal([])
  })

  test('change when they say, from online to offline and back', () => {
    const sessions = sessionsOf(500, CHURNERS)

    for (let node = 0; node < 500; node++) {
      const isOnline = sessions.isOnline(node, 0)
      const next = sessions.nextChange(node, 0)

      expect(sessions.since(node, 0)).to.be.at.most(0)
      expect(sessions.isOnline(node, next - 1)).to.equal(isOnline)
      expect(sessions.isOnline(node, next)).to.equal(!isOnline)
      expect(sessions.since(node, next)).to.equal(next)
    }
  })

  test('are stationary from the start on: as many are online, whoever is', () => {
    const sessions = sessionsOf(SIZE, { ...CHURNERS, stableShare: 0.17 }, { startMs: -HOUR_MS })

    for (const hours of [-1, -0.9, 0, 3, 12, 48]) {
      // standard deviation 0.002
      expect(onlineShare(sessions, SIZE, hours * HOUR_MS), `at ${hours} h`).to.be.closeTo(0.17 + 0.83 * 0.34, 0.008)
    }
  })

  test('end as often at the start as later', () => {
    const sessions = sessionsOf(SIZE, CHURNERS)
    const ending = (fromMs: number): number => {
      let count = 0

      for (let node = 0; node < SIZE; node++) {
        count += sessions.isOnline(node, fromMs) && sessions.nextChange(node, fromMs) < fromMs + HOUR_MS ? 1 : 0
      }

      return count / SIZE
    }
    const atStart = ending(0)

    expect(atStart).to.be.within(0.02, 0.1)
    expect(ending(36 * HOUR_MS) / atStart).to.be.closeTo(1, 0.08)
  })

  test('have the lengths of the fit to 2025: 38% last an hour, 75% of these another one; median 0.42 h', () => {
    const found = periods(sessionsOf(SIZE, CHURNERS), SIZE, 0, 48 * HOUR_MS).filter(({ isOnline }) => isOnline)
    const lengths = found.map(({ lengthMs }) => lengthMs).sort((a, b) => a - b)

    expect(found.length).to.be.above(SIZE)
    expect(lasting(found, 0, 1)).to.be.closeTo(0.38, 0.02)
    expect(lasting(found, 1, 1)).to.be.closeTo(0.747, 0.015)
    expect(lengths[Math.floor(lengths.length / 2)] / HOUR_MS).to.be.closeTo(1.09 * Math.LN2 ** (1 / 0.38), 0.06)
  })

  test('have the lengths measured in 2022: half last 2 h, a fifth 8 h', () => {
    const conditions = { ...WORLD_CONDITIONS['amino-2022'], stableShare: 0, rhythmAmplitude: 0 }
    const found = periods(sessionsOf(SIZE, conditions), SIZE, 0, 48 * HOUR_MS).filter(({ isOnline }) => isOnline)

    expect(lasting(found, 0, 2)).to.be.closeTo(0.5, 0.015)
    expect(lasting(found, 0, 8)).to.be.closeTo(0.2, 0.015)
  })

  test('of one node resemble each other as the correlation says', () => {
    const rankCorrelation = (sessionCorrelation: number): number => {
      const found = periods(sessionsOf(SIZE, { ...CHURNERS, sessionCorrelation }), SIZE, 0, 48 * HOUR_MS).filter(({ isOnline }) => isOnline)
      const pairs = found.flatMap(({ node, lengthMs }, i) => i > 0 && found[i - 1].node === node ? [[found[i - 1].lengthMs, lengthMs]] : [])
      const signs = pairs.map(([before, after], i) => {
        // any other pair will do
        const [otherBefore, otherAfter] = pairs[(i * 7919 + 1) % pairs.length]

        return Math.sign((before - otherBefore) * (after - otherAfter))
      })

      return signs.reduce((sum, sign) => sum + sign, 0) / signs.length
    }

    expect(rankCorrelation(0)).to.be.closeTo(0, 0.02)
    expect(rankCorrelation(0.2)).to.be.closeTo(0.2, 0.06)
  })

  test('never end for stable nodes', () => {
    const sessions = sessionsOf(1000, { ...CHURNERS, stableShare: 1 })

    for (let node = 0; node < 1000; node++) {
      expect(sessions.isOnline(node, 365 * 24 * HOUR_MS)).to.equal(true)
      expect(sessions.since(node, 365 * 24 * HOUR_MS)).to.be.at.most(0)
      expect(sessions.nextChange(node, 365 * 24 * HOUR_MS)).to.equal(Infinity)
    }
  })

  test('that toggle last about as long as the schedule says, online and offline, at phases of their own', () => {
    const conditions = { ...CHURNERS, stableShare: 1, churn: { share: 0.6, everyMs: 3 * HOUR_MS } }
    const sessions = sessionsOf(SIZE, conditions)
    const atStart = onlineShare(sessions, SIZE, 0)
    const found = periods(sessions, SIZE, 0, 24 * HOUR_MS)
    const toggling = new Set(found.map(({ node }) => node))

    expect(toggling.size / SIZE).to.be.closeTo(0.6, 0.01)
    expect(atStart).to.be.closeTo(0.4 + 0.6 * 0.5, 0.01)
    expect(onlineShare(sessions, SIZE, 31 * HOUR_MS)).to.be.closeTo(0.7, 0.01)
    expect(found.every(({ lengthMs }) => lengthMs > 2.39 * HOUR_MS && lengthMs < 3.61 * HOUR_MS)).to.equal(true)

    // as many begin in each hour
    for (let hour = 0; hour < 24; hour++) {
      const beginning = found.filter(({ sinceMs }) => Math.floor(sinceMs / HOUR_MS) === hour).length

      expect(beginning / (0.6 * SIZE), `in hour ${hour}`).to.be.closeTo(1 / 3, 0.02)
    }
  })

  test('follow the local time of day: more are online in the evening', () => {
    const sessions = sessionsOf(SIZE, { ...CHURNERS, sessionCorrelation: 0, rhythmAmplitude: 0.5 })
    const shares = Array.from({ length: 48 }, (_, hour) => onlineShare(sessions, SIZE, hour * HOUR_MS))
    const peak = shares.indexOf(Math.max(...shares)) % 24
    const spread = Math.max(...shares) - Math.min(...shares)

    // those who come in the evening stay for a while; the region is an hour ahead of UTC
    expect(peak).to.be.within(19, 24)
    expect(spread).to.be.within(0.05, 0.3)
    // from the start on
    expect(shares[0]).to.be.closeTo(shares[24], spread / 5)
    expect(shares[5]).to.be.closeTo(shares[29], spread / 5)
    expect(shares[12]).to.be.closeTo(shares[36], spread / 5)
    expect(shares.reduce((sum, share) => sum + share, 0) / 48).to.be.closeTo(0.34, 0.025)
  })
})
