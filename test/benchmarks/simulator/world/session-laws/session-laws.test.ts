import { gammaln } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import { TraceHash } from '../../../../../benchmarks/simulator/trace-hash.ts'
import { WORLD_CONDITIONS } from '../../../../../benchmarks/simulator/world/conditions.ts'
import { GeneratedSessions } from '../../../../../benchmarks/simulator/world/generated-sessions.ts'
import { HashedRandom } from '../../../../../benchmarks/simulator/world/hashed-random.ts'
import { LogNormalLaw } from '../../../../../benchmarks/simulator/world/session-laws/log-normal-law.ts'
import { SESSION_LAWS } from '../../../../../benchmarks/simulator/world/session-laws/session-law.ts'
import type { SessionLawName } from '../../../../../benchmarks/simulator/world/session-laws/session-law.ts'
import type { WorldConditions } from '../../../../../benchmarks/simulator/world/conditions.ts'

const HOUR_MS = 3_600_000
const EU_CENTRAL = 9
const SIZE = 40_000
const AMINO = WORLD_CONDITIONS['amino-2022']

/** The mean of the Weibull distribution that was measured, h */
const MEAN_H = 3.66 * Math.exp(gammaln(1 + 1 / 0.61))

/** Everybody comes and goes, at all hours alike */
const CHURNERS: WorldConditions = { ...AMINO, stableShare: 0, rhythmAmplitude: 0 }

function sessionsBy (sessionLaw: SessionLawName, { size = SIZE, seed = 1, ...conditions }: Partial<WorldConditions> & { size?: number, seed?: number } = {}): GeneratedSessions {
  return new GeneratedSessions({ population: { size, region: () => EU_CENTRAL }, seed, conditions: { ...CHURNERS, ...conditions, sessionLaw }, startMs: 0 })
}

function onlineShare (sessions: GeneratedSessions, hours: number): number {
  return Array.from({ length: SIZE }, (_, node) => sessions.isOnline(node, hours * HOUR_MS)).filter(Boolean).length / SIZE
}

interface Period {
  isOnline: boolean
  hours: number
}

/** For each node its sessions and absences that begin within two days, in turn */
function periodsOf (sessions: GeneratedSessions, size = SIZE): Period[][] {
  return Array.from({ length: size }, (_, node) => {
    const found: Period[] = []
    let now = sessions.nextChange(node, 0)

    while (now < 48 * HOUR_MS) {
      const end = sessions.nextChange(node, now)

      found.push({ isOnline: sessions.isOnline(node, now), hours: (end - now) / HOUR_MS })
      now = end
    }

    return found
  })
}

function sessionsIn (periods: Period[][]): number[] {
  return periods.flat().flatMap(({ isOnline, hours }) => isOnline ? [hours] : [])
}

function meanOf (numbers: number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** Of the sessions that have lasted for some hours, the share that lasts for more */
function lasting (lengths: number[], hours: number, moreHours: number): number {
  const lasted = lengths.filter(length => length > hours)

  return lasted.filter(length => length > hours + moreHours).length / lasted.length
}

describe.each(SESSION_LAWS)('sessions by the law %s', law => {
  test('have the mean that was measured, and the share online of the conditions, from the start on', () => {
    const sessions = sessionsBy(law)

    for (const hours of [0, 0.5, 4, 13, 30]) {
      // standard deviation 0.0025
      expect(onlineShare(sessions, hours), `at ${hours} h`).to.be.closeTo(AMINO.churnerOnlineShare, 0.01)
    }

    expect(meanOf(sessionsIn(periodsOf(sessions))) / MEAN_H).to.be.closeTo(1, 0.04)
  })

  test('begin and end as often in the first hour as in later ones', () => {
    const sessions = sessionsBy(law)
    const changes = (hour: number): number => Array.from({ length: SIZE }, (_, node) => sessions.nextChange(node, hour * HOUR_MS)).filter(next => next < (hour + 1) * HOUR_MS).length / SIZE
    const atStart = changes(0)

    // at most two in a mean session and absence, and fewer nodes than that where a few change often
    expect(atStart).to.be.within(0.04, 2 * AMINO.churnerOnlineShare / MEAN_H + 0.01)
    expect(changes(30) / atStart).to.be.closeTo(1, 0.07)
  })

  test('are the same with the same seed, whoever asks and when, and others with another seed', () => {
    const stateOf = (seed: number, times: number[]): number[] => {
      const sessions = sessionsBy(law, { seed, size: 300, rhythmAmplitude: 0.3 })

      return times.flatMap(hours => Array.from({ length: 300 }, (_, node) => sessions.since(node, hours * HOUR_MS))).slice(-300)
    }

    expect(stateOf(1, [24])).to.deep.equal(stateOf(1, [3, 40, 24]))
    expect(stateOf(2, [24])).not.to.deep.equal(stateOf(1, [24]))
  })

  test('leave those who toggle by a schedule to their schedule', () => {
    const sessions = sessionsBy(law, { size: 4000, churn: { share: 1, everyMs: 3 * HOUR_MS } })

    expect(periodsOf(sessions, 4000).flat().every(({ hours }) => hours > 2.39 && hours < 3.61)).to.equal(true)
    expect(sessions.since(7, 20 * HOUR_MS)).to.equal(sessionsBy('weibull', { size: 4000, churn: { share: 1, everyMs: 3 * HOUR_MS } }).since(7, 20 * HOUR_MS))
  })
})

test('the sessions of the default law are those of every simulation before there was a choice', () => {
  const conditions = { ...AMINO, churn: { share: 0.2, everyMs: 3 * HOUR_MS } }
  const sessions = new GeneratedSessions({ population: { size: 500, region: () => EU_CENTRAL }, seed: 17, conditions, startMs: 0 })
  const trace = new TraceHash()

  for (let hour = 0; hour < 48; hour += 6) {
    for (let node = 0; node < 500; node++) {
      trace.add(sessions.since(node, hour * HOUR_MS), sessions.nextChange(node, hour * HOUR_MS))
    }
  }

  expect(trace.toString()).to.equal('63e7aa7870d23f6c')
})

test('exponential sessions last as likely for more, however long they have lasted', () => {
  const lengths = sessionsIn(periodsOf(sessionsBy('exponential')))

  for (const hours of [0, 2, 8]) {
    expect(lasting(lengths, hours, 3), `after ${hours} h`).to.be.closeTo(Math.exp(-3 / MEAN_H), 0.02)
  }
})

test('the median of log-normal sessions is below the mean by the spread, and their tail is heavier than that of Weibull', () => {
  const lengths = sessionsIn(periodsOf(sessionsBy('log-normal'))).sort((a, b) => a - b)
  const quantile = (share: number): number => lengths[Math.floor(share * lengths.length)]
  const { sigma } = new LogNormalLaw(AMINO, new HashedRandom(1, 'lengths'))

  // ln(8 h / 2 h) by the 0.8 quantile of the normal distribution
  expect(sigma).to.be.closeTo(Math.log(4) / 0.8416, 0.02)
  expect(quantile(0.5) / (MEAN_H * Math.exp(-(sigma ** 2) / 2))).to.be.closeTo(1, 0.04)
  expect(quantile(0.8) / quantile(0.5)).to.be.closeTo(4, 0.2)
  expect(lasting(lengths, 0, 60)).to.be.above(1.5 * lasting(sessionsIn(periodsOf(sessionsBy('weibull'))), 0, 60))
})

test('log-normal sessions of one node resemble each other as the correlation says', () => {
  const pairs = periodsOf(sessionsBy('log-normal', { sessionCorrelation: 0.3, size: 60_000 }), 60_000)
    .map(periods => sessionsIn([periods]))
    .filter(lengths => lengths.length > 1)
  const signs = pairs.map(([before, after], i) => {
    // any other pair will do
    const [otherBefore, otherAfter] = pairs[(i * 7919 + 1) % pairs.length]

    return Math.sign((before - otherBefore) * (after - otherAfter))
  })

  // two sessions within two days are more alike than any two
  expect(meanOf(signs)).to.be.within(0.1, 0.36)
})

test('a node by the clock is online for the same part of each period, and off for the rest of it', () => {
  const nodes = periodsOf(sessionsBy('clock', { size: 3000 }), 3000)
  const periodH = MEAN_H / AMINO.churnerOnlineShare
  const parts = nodes.flatMap(([first, second]) => first.isOnline ? [first.hours] : [second.hours])

  for (const periods of nodes) {
    for (let i = 1; i < periods.length; i++) {
      expect(periods[i].hours + periods[i - 1].hours).to.be.closeTo(periodH, 1e-6)
    }
  }

  // each has a part of its own
  expect(Math.min(...parts) / MEAN_H).to.be.closeTo(0.5, 0.02)
  expect(Math.max(...parts) / MEAN_H).to.be.closeTo(1.5, 0.02)
})

test('nodes by the clock change at times of their own, as many in each hour', () => {
  const sessions = sessionsBy('clock')

  for (let hour = 0; hour < 13; hour++) {
    const changing = Array.from({ length: SIZE }, (_, node) => sessions.nextChange(node, hour * HOUR_MS)).filter(next => next < (hour + 1) * HOUR_MS).length

    expect(changing / SIZE, `in hour ${hour}`).to.be.closeTo(2 * AMINO.churnerOnlineShare / MEAN_H, 0.01)
  }
})

test('nobody by the clock is always there, or never', () => {
  const periods = periodsOf(sessionsBy('clock', { size: 2000, churnerOnlineShare: 0.9 }), 2000)

  expect(periods.every(({ length }) => length > 2)).to.equal(true)
  expect(periods.flat().every(({ hours }) => hours > 0)).to.equal(true)
})
