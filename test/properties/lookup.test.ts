import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../benchmarks/random/seeded-random.ts'
import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { LateAnswers } from '../../src/liveness/late-answers.ts'
import { Lookup } from '../../src/lookup/lookup.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { lookupPeer } from '../lookup/lookup-peer.ts'
import { SimulatedNetwork, closestTo, factsOf, randomKadId } from '../lookup/simulated-network.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupParametersInit } from '../../src/parameters/lookup-parameters.ts'
import type { LookupEvent } from '../../src/lookup/lookup.ts'
import type { LookupRun, PeerMode } from '../lookup/simulated-network.ts'

const K = 8

interface Trial {
  seed: number
  modes: PeerMode[]
  parameters?: LookupParametersInit
  epsilon?: number
  /** Seed of the selector's choices */
  choices?: number
}

/** A lookup of a random key in a random network, from three random peers */
function trial ({ seed, modes, parameters, epsilon = 0.2, choices = seed }: Trial) {
  const random = seededRandom(seed, 'network')
  const network = new SimulatedNetwork({ modes, random, bucketSize: K, sigma: 0.2 })
  const target = randomKadId(random)
  const start = Array.from({ length: 3 }, () => Math.floor(random() * modes.length))
  const checked = validateLookupParameters({ k: K, ...parameters })
  const selector = new EpsilonGreedySelector({ epsilon, random: seededRandom(choices, 'selector') })
  const run = network.run({ target, start, selector, parameters: checked, random })

  return { network, target, start, parameters: checked, run }
}

function modesOf (...modes: PeerMode[]): fc.Arbitrary<PeerMode[]> {
  return fc.array(fc.constantFrom(...modes), { minLength: 1, maxLength: 120 })
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

/** All peers that a lookup was told of in time */
function heardOf (run: LookupRun, start: number[]): Set<number> {
  const named = run.events.flatMap(event => event.type === 'responded' ? event.closer.map(({ peer }) => peer) : [])

  return new Set([...start, ...named])
}

/** The k closest that answer among those it was told of: all that a lookup can find */
function findable ({ network, target, start, run }: ReturnType<typeof trial>): number[] {
  const heard = heardOf(run, start)
  const answering = network.peers.filter(({ peer, mode }) => heard.has(peer) && ['lives', 'slow', 'lies'].includes(mode))

  return closestTo(target, answering, K).map(({ peer }) => peer)
}

describe('a lookup in a network', () => {
  test('finds the k closest peers of the network when all answer', () => {
    fc.assert(fc.property(seeds, modesOf('lives'), (seed, modes) => {
      const { network, target, run } = trial({ seed, modes })

      expect(run.closest).toEqual(network.closestAnswering(target, K))
    }), { numRuns: 60 })
  })

  test('finds all closest peers that answer, however the others fail', () => {
    fc.assert(fc.property(seeds, modesOf('lives', 'lives', 'silent', 'refuses', 'mute'), (seed, modes) => {
      const done = trial({ seed, modes })

      expect(done.run.closest).toEqual(findable(done))
    }), { numRuns: 60 })
  })

  test('loses no answer because it is late, as long as it comes within the grace', () => {
    fc.assert(fc.property(seeds, modesOf('lives', 'slow', 'refuses'), (seed, modes) => {
      const done = trial({ seed, modes })

      expect(done.run.closest).toEqual(findable(done))
    }), { numRuns: 60 })
  })

  test('ends when the deadline and the grace of the last peer that it asked are over, if not before', () => {
    fc.assert(fc.property(seeds, modesOf('lives', 'silent', 'mute'), (seed, modes) => {
      const { run, parameters, network } = trial({ seed, modes })
      const slowest = Math.max(...network.peers.map(peer =>
        factsOf(peer, { connected: new Set(), last: new Map(), answerRate: 1 }).softDeadlineMs))
      const lastAskedAt = run.askedAtMs.at(-1) ?? 0

      expect(run.timeMs).toBeLessThanOrEqual(lastAskedAt + slowest + new LateAnswers().graces(parameters.missedPeerMs).connected + 1)
    }), { numRuns: 60 })
  })

  test('asks nobody twice and never has more in flight than allowed', () => {
    fc.assert(fc.property(
      seeds,
      modesOf('lives', 'silent', 'refuses', 'mute', 'slow', 'lies'),
      fc.record({ alpha: fc.integer({ min: 1, max: 4 }), maxInFlight: fc.integer({ min: 4, max: 6 }), disjointPaths: fc.integer({ min: 1, max: 3 }) }),
      (seed, modes, parameters) => {
        const { run } = trial({ seed, modes, parameters })

        expect(new Set(run.asked).size).toBe(run.asked.length)
        expect(run.mostInFlight).toBeLessThanOrEqual(parameters.maxInFlight)
      }
    ), { numRuns: 60 })
  })

  test('is the greedy one when epsilon is 0: chance decides nothing', () => {
    fc.assert(fc.property(seeds, seeds, modesOf('lives', 'silent'), (seed, choices, modes) => {
      const { run } = trial({ seed, modes, epsilon: 0 })

      expect(run.actions.some(action => action.type === 'query' && action.reason === 'explore')).toBe(false)
      expect(trial({ seed, modes, epsilon: 0, choices }).run.actions).toEqual(run.actions)
    }), { numRuns: 30 })
  })

  test('decides the same again when it is told the same', () => {
    fc.assert(fc.property(seeds, modesOf('lives', 'silent', 'refuses', 'slow'), (seed, modes) => {
      const { run, network, target, start, parameters } = trial({ seed, modes })
      const replayed = new Lookup<number>({
        target,
        parameters,
        selector: new EpsilonGreedySelector({ epsilon: 0.2, random: seededRandom(seed, 'selector') }),
        start: start.map(peer => factsOf(network.peers[peer], { connected: new Set(), last: new Map(), answerRate: 1 }))
      })

      expect(run.events.flatMap(event => replayed.advance(event))).toEqual(run.actions)
    }), { numRuns: 30 })
  })

  test('is led astray by liars no more with disjoint paths than without', () => {
    const modes = Array.from({ length: 200 }, (_, index): PeerMode => index % 5 === 0 ? 'lies' : 'lives')
    const recall = (disjointPaths: number): number => {
      let found = 0

      for (let seed = 0; seed < 20; seed++) {
        const { network, target, run } = trial({ seed, modes, parameters: { disjointPaths } })

        found += network.closestAnswering(target, K).filter(peer => run.closest.includes(peer)).length
      }

      return found / (20 * K)
    }

    expect(recall(1)).toBeGreaterThan(0.9)
    expect(recall(3)).toBeGreaterThanOrEqual(recall(1))
  })
})

/** What a runner may report next: of the peers that run, or nonsense of one that doesn't */
function anyEvent (random: () => number, now: number, universe: Array<LookupPeer<number>>, running: number[]): LookupEvent<number> {
  const among = random() < 0.8 && running.length > 0 ? running : universe.map(({ peer }) => peer)
  const peer = among[Math.floor(random() * among.length)]

  switch (Math.floor(random() * 6)) {
    case 0: return { type: 'failed', peer, now }
    case 1: return { type: 'softDeadlinePassed', peer, now }
    case 2: return { type: 'connected', peer, now }
    case 3: return { type: 'timerFired', now }
    case 4: return { type: 'signOfLife', peer, now, news: random() < 0.5 }
    default: return { type: 'responded', peer, now, closer: universe.filter(() => random() < 0.2) }
  }
}

describe('a lookup that is told anything in any order', () => {
  test('never throws, asks nobody twice, keeps to its limits, and ends', () => {
    fc.assert(fc.property(
      seeds,
      fc.uniqueArray(fc.record({
        kadId: fc.integer({ min: 0, max: 255 }),
        peerClass: fc.constantFrom('good', 'neutral', 'unacceptable'),
        connected: fc.boolean(),
        relayed: fc.boolean(),
        failsFast: fc.boolean(),
        suspect: fc.boolean(),
        stale: fc.boolean(),
        expectedWaitMs: fc.integer({ min: 1, max: 5000 })
      }), { selector: ({ kadId }) => kadId, minLength: 1, maxLength: 60 }),
      fc.record({
        k: fc.integer({ min: 1, max: 10 }),
        alpha: fc.integer({ min: 1, max: 5 }),
        maxInFlight: fc.integer({ min: 5, max: 12 }),
        disjointPaths: fc.integer({ min: 1, max: 3 }),
        maxQueries: fc.integer({ min: 1, max: 70 })
      }),
      (seed, peers, init) => {
        const random = seededRandom(seed)
        const parameters = validateLookupParameters(init)
        const universe = peers.map(({ kadId, ...facts }) => lookupPeer(kadId, facts as Partial<LookupPeer<number>>))
        const lookup = new Lookup<number>({
          target: Uint8Array.of(77),
          parameters,
          selector: new EpsilonGreedySelector({ epsilon: 0.2, random }),
          start: universe.filter(() => random() < 0.3)
        })
        const running = new Set<number>()
        const inSlot = new Set<number>()
        const asked: number[] = []
        let timer = false
        let finished = false
        let event: LookupEvent<number> = { type: 'started', now: 0 }

        // each step settles a peer with a chance of 0.1 at least, so it takes a few hundred to settle all
        for (let step = 1; step < 10_000 && !finished; step++) {
          if ('peer' in event && event.type !== 'connected' && event.type !== 'signOfLife') {
            inSlot.delete(event.peer)

            if (event.type !== 'softDeadlinePassed') {
              running.delete(event.peer)
            }
          } else if (event.type === 'timerFired') {
            timer = false
          }

          for (const action of lookup.advance(event)) {
            if (action.type === 'query') {
              asked.push(action.peer)
              running.add(action.peer)
              inSlot.add(action.peer)
            } else if (action.type === 'cancel') {
              running.delete(action.peer)
            }

            timer ||= action.type === 'setTimer'
            finished = action.type === 'finish'
          }

          expect(inSlot.size).toBeLessThanOrEqual(parameters.maxInFlight * parameters.disjointPaths)
          expect(finished || running.size > 0 || timer).toBe(true)

          event = anyEvent(random, step * 50, universe, [...running])
        }

        expect(finished).toBe(true)
        expect(running.size).toBe(0)
        expect(new Set(asked).size).toBe(asked.length)
        expect(asked.length).toBeLessThanOrEqual(parameters.maxQueries)
        expect(lookup.advance(event)).toEqual([])
      }
    ), { numRuns: 200 })
  })
})
