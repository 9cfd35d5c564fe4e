import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReplacementCache } from '../../src/routing-table/replacement-cache.ts'
import type { KBucketEntry } from '../../src/routing-table/k-buckets.ts'

describe('ReplacementCache', () => {
  test('lets the peer least recently heard of leave first', () => {
    const cache = new ReplacementCache<string>(2)

    expect(cache.add(entry('a'), 'named')).to.equal(undefined)
    expect(cache.add(entry('b'), 'named')).to.equal(undefined)
    expect(cache.add(entry('a'), 'named'), 'heard of again').to.equal(undefined)
    expect(cache.add(entry('c'), 'named')?.peer).to.equal('b')
    expect(cache.size).to.equal(2)
  })

  test('keeps peers that answered while there are named ones to drop', () => {
    const cache = new ReplacementCache<string>(2)
    cache.add(entry('a'), 'answered')
    cache.add(entry('b'), 'named')

    expect(cache.add(entry('c'), 'answered')?.peer).to.equal('b')
    expect(cache.add(entry('d'), 'named')?.peer, 'no room for one that was only named').to.equal('d')
    expect(cache.add(entry('e'), 'answered')?.peer).to.equal('a')
  })

  test('remembers that a peer answered when it is named later', () => {
    const cache = new ReplacementCache<string>(2)
    cache.add(entry('a'), 'named')
    cache.add(entry('a'), 'answered')
    cache.add(entry('a'), 'named')

    expect(cache.get('a')).to.equal('answered')
    expect(cache.size).to.equal(1)
  })

  test('forgets that a deleted peer answered', () => {
    const cache = new ReplacementCache<string>(2)
    cache.add(entry('a'), 'answered')
    cache.delete('a')

    expect(cache.get('a')).to.equal(undefined)
    cache.add(entry('a'), 'named')
    expect(cache.get('a')).to.equal('named')
  })

  test('never holds more than its bound, and says who leaves', () => {
    const heard = fc.record({ peer: fc.nat(20), how: fc.constantFrom('answered', 'named') })

    fc.assert(fc.property(fc.nat(5), fc.array(heard), (maxReplacements, all) => {
      const cache = new ReplacementCache<number>(maxReplacements)
      const inside = new Set<number>()

      for (const { peer, how } of all) {
        inside.add(peer)
        const leaving = cache.add(entry(peer), how)?.peer

        if (leaving !== undefined) {
          expect(inside.delete(leaving)).to.equal(true)
        }

        expect(cache.size).to.equal(inside.size).and.to.be.at.most(maxReplacements)
        inside.forEach(peer => { expect(cache.get(peer)).to.not.equal(undefined) })
      }
    }))
  })
})

function entry<P> (peer: P): KBucketEntry<P> {
  return { peer, kadId: new Uint8Array() }
}
