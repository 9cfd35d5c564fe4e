import { describe, expect, test } from 'vitest'
import { RegionPut } from '../../src/publish/region-put.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { closest, randomPeers } from './explored-network.ts'
import { regionOf } from './region-of.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { ExploredRegion, RegionPutCommand, RegionPutInit } from '../../src/publish/region-put.ts'

interface Key { kadId: KadId }

type Command = RegionPutCommand<number, Key>

const K = 4
const PEERS = randomPeers(200, 1)
const REGION = regionOf('011', 32)

function putOf (init: Partial<RegionPutInit<number>> = {}): RegionPut<number, Key> {
  return new RegionPut({ region: REGION, k: K, lookupsAtOnce: 2, peersAtOnce: 100, recordsPerSend: 100, leastHolders: 2, random: seededRandom(1), wasGap: false, ...init })
}

function keyIn (prefix: string): Key {
  return { kadId: regionOf(prefix, 32).bits }
}

/** As if explored, with these gaps */
function exploredWith (...gaps: string[]): ExploredRegion<number> {
  return { region: regionOf('01', 32), peers: PEERS, gaps: gaps.map(gap => regionOf(gap, 32)), nearGaps: [] }
}

function last <T> (items: T[]): T | undefined {
  return items.at(-1)
}

/** Answer all lookups and all sends until nothing is left to answer */
function answer (put: RegionPut<number, Key>, commands: Command[]): Command[] {
  const all = [...commands]

  for (const command of all) {
    if (command.type === 'lookup') {
      all.push(...put.advance({ type: 'lookedUp', target: command.target, closest: closest(PEERS, command.target, K) }))
    } else if (command.type === 'send') {
      all.push(...put.advance({ type: 'sent', peer: command.peer, stored: command.keys, refused: [] }))
    }
  }

  return all
}

describe('the put of a region', () => {
  test('explores it, and sends its keys then', () => {
    const put = putOf()
    const key = keyIn('0110')

    expect(put.isExploring).toBe(false)
    const begun = put.advance({ type: 'started' })
    expect(put.isExploring).toBe(true)
    expect(begun.map(({ type }) => type)).toEqual(['lookup'])

    const explored = answer(put, begun)
    expect(put.isExploring).toBe(false)
    expect(explored.slice(-2)).toEqual([{ type: 'explored', explored: { region: REGION, peers: expect.any(Array), gaps: [], nearGaps: [] } }, { type: 'pull', except: [] }])

    const sent = answer(put, put.advance({ type: 'keys', keys: [key], isLast: true }))
    expect(sent.filter(({ type }) => type === 'send').map(command => 'peer' in command && command.peer).toSorted())
      .toEqual(closest(PEERS, key.kadId, K).map(({ peer }) => peer).toSorted())
    expect(sent.slice(-2)).toEqual([
      { type: 'done', key, result: 'stored', holders: K, missing: 0 },
      { type: 'regionDone', report: { stored: 1, failed: 0, holders: K, peersFound: expect.any(Number), peersLeftOut: 0, gaps: [] } }
    ])
  })

  test('sends at once where it is explored already', () => {
    const put = putOf({ explored: exploredWith() })

    expect(put.advance({ type: 'started' })).toEqual([{ type: 'pull', except: [] }])
    expect(last(put.advance({ type: 'keys', keys: [], isLast: true }))).toMatchObject({ type: 'regionDone', report: { peersFound: PEERS.length } })
  })

  test('reports keys that are on too few peers, and peers that are left out', () => {
    const put = putOf({ explored: { ...exploredWith(), peers: PEERS.slice(0, 3) } })
    put.advance({ type: 'started' })
    put.advance({ type: 'keys', keys: [keyIn('0110')], isLast: true })
    const commands = [0, 0, 1, 1].flatMap(peer => put.advance({ type: 'failed', peer }))

    expect(commands.filter(({ type }) => type !== 'send')).toEqual([])
    expect(put.advance({ type: 'sent', peer: 2, stored: [], refused: [] }).map(({ type }) => type)).toEqual(['send'])
    expect(last(put.advance({ type: 'failed', peer: 2 }))).toEqual({
      type: 'regionDone', report: { stored: 0, failed: 1, holders: 0, peersFound: 3, peersLeftOut: 3, gaps: [] }
    })
  })

  test('fails when its exploration does', () => {
    const put = putOf()
    const [{ target }] = put.advance({ type: 'started' }).filter(command => command.type === 'lookup')
    const [next] = put.advance({ type: 'lookupFailed', target }).filter(command => command.type === 'lookup')

    expect(put.advance({ type: 'lookupFailed', target: next.target })).toEqual([{ type: 'regionFailed', reason: 'lookupsFailed' }])
    expect(put.advance({ type: 'started' })).toEqual([])
  })

  test('ignores facts that nobody waits for', () => {
    const put = putOf()

    expect(put.advance({ type: 'keys', keys: [keyIn('0110')], isLast: true })).toEqual([])
    const begun = put.advance({ type: 'started' })
    expect(put.advance({ type: 'keys', keys: [keyIn('0110')], isLast: true })).toEqual([])
    expect(put.advance({ type: 'failed', peer: 1 })).toEqual([])
    expect(put.advance({ type: 'started' })).toEqual([])
    answer(put, begun)
    expect(begun.flatMap(command => command.type === 'lookup' ? put.advance({ type: 'lookupFailed', target: command.target }) : [])).toEqual([])
  })
})

describe('the gaps of a region', () => {
  test('are left out of it, and reported', () => {
    const put = putOf({ explored: exploredWith('0100', '01100') })
    const [inGap, covered] = [keyIn('011001'), keyIn('0111')]

    expect(put.advance({ type: 'started' })).toEqual([{ type: 'pull', except: [regionOf('01100', 32)] }])
    expect(put.leftOut).toEqual([regionOf('01100', 32)])
    const commands = answer(put, put.advance({ type: 'keys', keys: [inGap, covered], isLast: true }))
    expect(commands.filter(({ type }) => type === 'done')).toEqual([{ type: 'done', key: covered, result: 'stored', holders: K, missing: 0 }])
    expect(last(commands)).toMatchObject({ type: 'regionDone', report: { stored: 1, failed: 0, gaps: [regionOf('01100', 32)] } })
  })

  test('leave out what is near them as well, unless it was a gap itself', () => {
    const explored = { ...exploredWith('01101'), nearGaps: [regionOf('01100', 32), regionOf('00', 32)] }
    const gaps = [regionOf('01100', 32), regionOf('01101', 32)]

    expect(putOf({ explored }).advance({ type: 'started' })).toEqual([{ type: 'pull', except: gaps }])

    const put = putOf({ explored, wasGap: true })
    const key = keyIn('01100')
    put.advance({ type: 'started' })
    expect(last(answer(put, put.advance({ type: 'keys', keys: [key], isLast: true })))).toMatchObject({ type: 'regionDone', report: { stored: 1, gaps: [gaps[1]] } })
  })

  test('are no larger than it', () => {
    const put = putOf({ explored: exploredWith('01') })

    expect(put.advance({ type: 'started' })).toEqual([{ type: 'pull', except: [REGION] }])
  })

  test('are sent when it was a gap itself, and their keys fail all the same', () => {
    const put = putOf({ explored: exploredWith('01100'), wasGap: true })
    const [inGap, covered] = [keyIn('011001'), keyIn('0111')]

    expect(put.advance({ type: 'started' })).toEqual([{ type: 'pull', except: [] }])
    expect(put.leftOut).toEqual([])
    const commands = answer(put, put.advance({ type: 'keys', keys: [inGap, covered], isLast: true }))
    expect(commands.filter(({ type }) => type === 'done')).toHaveLength(2)
    expect(commands).toContainEqual({ type: 'done', key: inGap, result: 'failed', holders: K, missing: 0 })
    expect(last(commands)).toMatchObject({ type: 'regionDone', report: { stored: 1, failed: 1, holders: 2 * K, gaps: [regionOf('01100', 32)] } })
  })
})

describe('a cancelled put of a region', () => {
  test('fails, before the start and while it explores', () => {
    const failed = [{ type: 'regionFailed', reason: 'cancelled' }]
    const put = putOf()

    expect(putOf().advance({ type: 'cancelled' })).toEqual(failed)
    put.advance({ type: 'started' })
    expect(put.advance({ type: 'cancelled' })).toEqual(failed)
    expect(put.advance({ type: 'cancelled' })).toEqual([])
  })

  test('fails while it sends, and says what became of each key', () => {
    const put = putOf({ explored: exploredWith() })
    const key = keyIn('0110')
    put.advance({ type: 'started' })
    put.advance({ type: 'keys', keys: [key], isLast: true })

    expect(put.advance({ type: 'cancelled' })).toEqual([
      { type: 'done', key, result: 'failed', holders: 0, missing: K },
      { type: 'regionFailed', reason: 'cancelled' }
    ])
  })
})
