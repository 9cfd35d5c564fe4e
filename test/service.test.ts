import { kadDHT } from '@libp2p/kad-dht'
import { describe, expect, test } from 'vitest'
import { scoredKadDHT } from '../src/service.ts'
import { ScoreBook } from '../src/libp2p/peers/score-book.ts'
import { ScoredRoutingTable } from '../src/routing-table/scored-routing-table.ts'
import { componentsOf } from './libp2p/components-of.ts'

describe('scoredKadDHT', () => {
  test('makes an instance of kad-dht\'s own class, which has the scores besides', async () => {
    const { components } = await componentsOf({ start: false })
    const [stock, scored] = [kadDHT()(components), scoredKadDHT()(components)]

    expect(scored.constructor).toBe(stock.constructor)
    expect(scored.scores).toBeInstanceOf(ScoreBook)
    expect(scored.scoredRoutingTable).toBeInstanceOf(ScoredRoutingTable)
    expect(scored.scores.size).toBe(0)
  })

  test('hands kad-dht\'s options on to it', async () => {
    const { components } = await componentsOf({ start: false })
    const { kb } = scoredKadDHT({ kBucketSize: 7, protocol: '/my/kad' })(components).routingTable as unknown as { kb: { kBucketSize: number } }

    expect(kb.kBucketSize).toBe(7)
  })

  test('makes several DHTs, each with scores of its own', async () => {
    const factory = scoredKadDHT()
    const [one, other] = [factory((await componentsOf({ start: false })).components), factory((await componentsOf({ start: false })).components)]

    expect(one.scores).not.toBe(other.scores)
    expect(one.scoredRoutingTable).not.toBe(other.scoredRoutingTable)
  })

  test('refuses an option that makes no sense before any node is made', () => {
    expect(() => scoredKadDHT({ scoring: { epsilon: 2 } })).toThrow('epsilon is 2')
    expect(() => scoredKadDHT({ scoring: { epsilom: 0.1 } as object })).toThrow('epsilom')
  })
})
