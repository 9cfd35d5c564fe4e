import { beforeEach, describe, expect, test } from 'vitest'
import { Introductions } from '../../src/upkeep/introductions.ts'

let scored: Set<string>
let introductions: Introductions<string>

beforeEach(() => {
  scored = new Set()
  introductions = new Introductions({ parameters: { introductionsAtOnce: 2, maxWaitingIntroductions: 3 }, hasScore: peer => scored.has(peer) })
})

describe('a peer that is named', () => {
  test('is introduced at once while no lookup runs', () => {
    expect(introductions.named('a')).toEqual(['a'])
  })

  test('is introduced once, however often it is named', () => {
    introductions.named('a')

    expect(introductions.named('a')).toEqual([])
    expect(introductions.ended('a')).toEqual([])
  })

  test('is not introduced when it has a score', () => {
    scored.add('a')

    expect(introductions.named('a')).toEqual([])
  })

  test('waits for the end of the last lookup', () => {
    introductions.lookupBegan()
    introductions.lookupBegan()

    expect(introductions.named('a')).toEqual([])
    expect(introductions.lookupEnded()).toEqual([])
    expect(introductions.lookupEnded()).toEqual(['a'])
  })

  test('is not introduced when a lookup gave it a score meanwhile', () => {
    introductions.lookupBegan()
    introductions.named('a')
    introductions.named('b')
    scored.add('a')

    expect(introductions.lookupEnded()).toEqual(['b'])
  })

  test('is not introduced when it ceased to speak the protocol meanwhile', () => {
    introductions.lookupBegan()
    introductions.named('a')
    introductions.left('a')

    expect(introductions.lookupEnded()).toEqual([])
  })
})

describe('of many that are named', () => {
  test('so many are introduced at once, and the next one when one of them has ended', () => {
    expect(['a', 'b', 'c', 'd'].map(peer => introductions.named(peer))).toEqual([['a'], ['b'], [], []])
    expect(introductions.ended('b')).toEqual(['c'])
    expect(introductions.ended('a')).toEqual(['d'])
  })

  test('none is introduced while a lookup runs, even when others end', () => {
    ['a', 'b', 'c'].forEach(peer => introductions.named(peer))
    introductions.lookupBegan()

    expect(introductions.ended('a')).toEqual([])
    expect(introductions.lookupEnded()).toEqual(['c'])
  })

  test('only so many wait', () => {
    introductions.lookupBegan();
    ['a', 'b', 'c', 'd'].forEach(peer => introductions.named(peer))

    expect(introductions.lookupEnded()).toEqual(['a', 'b'])
    expect(introductions.ended('a')).toEqual(['c'])
    expect(introductions.ended('b')).toEqual([])
  })

  test('nobody is left after a stop', () => {
    ['a', 'b', 'c'].forEach(peer => introductions.named(peer))
    introductions.stop()

    expect(introductions.ended('a')).toEqual([])
    expect(introductions.named('d')).toEqual(['d'])
  })
})
