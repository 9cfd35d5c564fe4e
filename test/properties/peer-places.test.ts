import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entryOf } from '../routing-table/memory-buckets.ts'
import { NOW, placesOf } from '../routing-table/places-of.ts'
import type { PeerClass } from '../../src/score/peer-score.ts'
import type { Fixture } from '../routing-table/places-of.ts'

const K = 4

const peer = fc.nat(63)

const step = fc.oneof(
  fc.record({ type: fc.constantFrom('add', 'remove', 'answered', 'named', 'remember', 'forget', 'leave'), peer }),
  fc.record({ type: fc.constant('judge'), peer, peerClass: fc.constantFrom<PeerClass>('good', 'neutral', 'unacceptable') }),
  fc.record({ type: fc.constant('restart'), peers: fc.uniqueArray(peer) })
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/**
 * What a scored routing table should know, by the plainest means
 */
interface Model {
  buckets: Set<number>
  remembered: Set<number>
  cache: Map<number, 'answered' | 'named'>
  classes: Map<number, PeerClass>
}

describe('PeerPlaces, whatever happens', () => {
  test('agrees with the rules applied by brute force', () => {
    fc.assert(fc.property(fc.array(step, { size: '+1' }), peer, fc.nat(80), (steps, target, n) => {
      const fixture = placesOf({}, { k: K })
      const model: Model = { buckets: new Set(), remembered: new Set(), cache: new Map(), classes: new Map() }

      for (const step of steps) {
        applyToTable(fixture, step)
        applyToModel(model, step)
        // each step by itself: the table may put several together
        fixture.table.goodPeers(NOW)
      }

      expectAgreement(fixture, model, target, n)
    }), { numRuns: 300 })
  })

  test('gives the same answers when many changes come between two questions', () => {
    const quiet = step.filter(({ type }) => type !== 'answered' && type !== 'named')

    fc.assert(fc.property(fc.array(quiet, { size: '+1' }), peer, fc.nat(80), (steps, target, n) => {
      const fixture = placesOf({}, { k: K })
      const model: Model = { buckets: new Set(), remembered: new Set(), cache: new Map(), classes: new Map() }

      for (const step of steps) {
        applyToTable(fixture, step)
        applyToModel(model, step)
      }

      expectAgreement(fixture, model, target, n)
    }), { numRuns: 300 })
  })
})

function applyToTable ({ table, buckets, setClass }: Fixture, step: Step): void {
  switch (step.type) {
    case 'add': buckets.add(step.peer); break
    case 'remove': buckets.remove(step.peer); break
    case 'answered':
    case 'named': table.heardOf(entryOf(step.peer), step.type, NOW); break
    case 'remember': table.remember(entryOf(step.peer)); break
    case 'forget': table.forget(step.peer); break
    case 'leave': table.leave(step.peer); break
    case 'judge': setClass(step.peer, step.peerClass); break
    case 'restart': buckets.replaceAll(step.peers); table.reset(); break
  }
}

function applyToModel (model: Model, step: Step): void {
  switch (step.type) {
    case 'add': model.buckets.add(step.peer); break
    case 'remove': model.buckets.delete(step.peer); break
    case 'answered': model.cache.set(step.peer, 'answered'); break
    case 'named': model.cache.set(step.peer, model.cache.get(step.peer) ?? 'named'); break
    case 'remember': model.remembered.add(step.peer); break
    case 'forget': model.remembered.delete(step.peer); break
    case 'leave': model.remembered.delete(step.peer); model.cache.delete(step.peer); break
    case 'judge': model.classes.set(step.peer, step.peerClass); break
    case 'restart': model.buckets = new Set(step.peers); break
  }

  for (const peer of model.cache.keys()) {
    if (model.buckets.has(peer) || isRemembered(model, peer) || classOf(model, peer) === 'unacceptable') {
      model.cache.delete(peer)
    }
  }
}

function expectAgreement ({ table }: Fixture, model: Model, target: number, n: number): void {
  const kadId = Uint8Array.of(target)
  const byDistance = (peers: Iterable<number>): number[] => [...new Set(peers)].sort((a, b) => (a ^ target) - (b ^ target))
  const isPoor = (peer: number): boolean => classOf(model, peer) === 'unacceptable'
  const numbers = (entries: Array<{ peer: number }>): number[] => entries.map(({ peer }) => peer)

  const remembered = [...model.remembered].filter(peer => isRemembered(model, peer))
  const answered = [...model.cache.keys()].filter(peer => model.cache.get(peer) === 'answered')
  const spare = new Set([...remembered, ...model.cache.keys()].filter(peer => !model.buckets.has(peer)))
  const inside = new Set([...model.buckets].filter(peer => !isPoor(peer)))
  const poor = new Set([...model.buckets, ...model.remembered].filter(isPoor))

  const replacements = table.replacements(NOW)
  const inUse = replacements.flatMap(({ replacement }) => replacement ?? [])
  expect(byDistance(replacements.map(({ poor }) => poor))).to.deep.equal(byDistance(poor))
  expect(new Set(inUse).size, 'nobody replaces two').to.equal(inUse.length)
  expect(inUse.filter(peer => !spare.has(peer) && !inside.has(peer))).to.deep.equal([])
  expect(inUse.filter(peer => spare.has(peer)).length, 'as many from outside the buckets as can be').to.equal(Math.min(poor.size, spare.size))
  expect(inUse.length, 'as many as can be').to.equal(Math.min(poor.size, spare.size + inside.size))
  expect(table.replacementsInUse(NOW)).to.equal(inUse.length)

  // a poor peer stays in its bucket, so it is still there at the end
  const candidates = byDistance([...model.buckets, ...remembered, ...inUse])
  expect(numbers(table.candidates(kadId, n, NOW)))
    .to.deep.equal([...candidates.filter(peer => !isPoor(peer)), ...candidates.filter(isPoor)].slice(0, n))

  const closest = byDistance([...model.buckets, ...remembered, ...answered]).slice(0, 2 * K)
  const named = [...closest.filter(peer => !isPoor(peer)), ...closest.filter(isPoor)].slice(0, K)
  expect(numbers(table.named(kadId, {}, NOW))).to.deep.equal(byDistance(named))

  expect(table.goodPeers(NOW)).to.equal(new Set([...model.buckets, ...remembered].filter(peer => classOf(model, peer) === 'good')).size)
}

function classOf (model: Model, peer: number): PeerClass {
  return model.classes.get(peer) ?? 'neutral'
}

function isRemembered (model: Model, peer: number): boolean {
  return model.remembered.has(peer) && classOf(model, peer) === 'good'
}
