import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import { Registry } from 'prom-client'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { named } from '../conformance/named.ts'
import { ids, TestNetwork, waitForTable } from '../conformance/test-network.ts'
import { errorsTo } from './errors-to.ts'
import { scored } from './test-node.ts'
import type { LookupStep } from '../../src/index.ts'
import type { Choice, PeerSelector } from '../../src/selection/peer-selector.ts'
import type { TestNode } from '../conformance/test-network.ts'

const SERVERS = 5
const KEY = Uint8Array.of(1, 2, 3)

/** A selector that does what the test says, and counts */
class Own implements PeerSelector {
  choices = 0
  readonly #choose: (count: number) => unknown

  constructor (choose: (count: number) => unknown) {
    this.#choose = choose
  }

  select ({ length }: readonly object[]): Choice {
    this.choices++

    return this.#choose(length) as Choice
  }
}

describe('A node with a selector of the user', () => {
  let network: TestNetwork
  let errors: string[]
  let registry: Registry
  let steps: LookupStep[]

  async function join (selector: PeerSelector): Promise<TestNode> {
    const node = await network.createNode(
      { clientMode: true, initialQuerySelfInterval: 3_600_000, allowQueryWithZeroPeers: true },
      { logger: errorsTo(errors), metrics: prometheusMetrics({ registry, collectDefaultMetrics: false }) },
      scored({ selector, onLookupStep: step => { steps.push(step) } })
    )
    await Promise.all(network.servers.map(async server => node.dial(server.getMultiaddrs())))
    await waitForTable(node, SERVERS)

    return node
  }

  async function invalidChoices (): Promise<number> {
    return Number(/score_invalid_choices_total (\d+)/.exec(await registry.metrics())?.[1])
  }

  beforeEach(async () => {
    network = new TestNetwork(kadDHT)
    onTestFinished(async () => { await network.stop() })
    errors = []
    steps = []
    registry = new Registry()
    await network.start(SERVERS)
  })

  test('asks whom the selector says', async () => {
    const furthest = new Own(count => ({ index: count - 1, reason: 'explore' }))
    const node = await join(furthest)
    const events = await all(node.services.dht.getClosestPeers(KEY))
    const queries = steps.flatMap(({ actions }) => actions).filter(action => action.type === 'query')

    expect(ids(named(events, 'FINAL_PEER').map(({ peer }) => peer))).toEqual(ids(network.servers))
    expect(furthest.choices).toBeGreaterThanOrEqual(SERVERS)
    expect(queries.map(({ reason }) => reason)).toEqual(new Array(SERVERS).fill('explore'))
    // all can be asked at once, so the order is the selector's
    expect(queries.map(({ rank }) => rank)).toEqual([4, 3, 2, 1, 0])
    expect(await invalidChoices()).toBe(0)
    expect(errors.filter(line => line.includes('selector'))).toEqual([])
  })

  test('finds what it looks for with a selector that is always wrong, says so once and counts each time', async () => {
    const lost = new Own(count => ({ index: count, reason: 'exploit' }))
    const node = await join(lost)

    for (let n = 0; n < 3; n++) {
      const events = await all(node.services.dht.getClosestPeers(Uint8Array.of(n)))
      expect(ids(named(events, 'FINAL_PEER').map(({ peer }) => peer))).toEqual(ids(network.servers))
    }

    expect(errors.filter(line => line.startsWith('InvalidSelectorError: selector Own chose { index: 5, reason: "exploit" }')), errors.join('\n')).toHaveLength(1)
    expect(errors.filter(line => line.includes('InvalidSelectorError'))).toHaveLength(1)
    expect(lost.choices).toBeGreaterThanOrEqual(3 * SERVERS)
    expect(await invalidChoices()).toBe(lost.choices)
  })

  test('hands on to the consumer what the selector throws', async () => {
    const own = new Error('of the user')
    const node = await join(new Own(() => { throw own }))

    await expect(all(node.services.dht.getClosestPeers(KEY))).rejects.toBe(own)
    expect(await invalidChoices()).toBe(0)
  })
})
