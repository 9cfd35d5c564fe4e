import { describe, expect, test } from 'vitest'
import { GoRefresh } from '../../../../../benchmarks/simulator/clients/go/go-refresh.ts'
import { NodeBuckets } from '../../../../../benchmarks/simulator/clients/node-buckets.ts'
import { commonPrefixLength } from '../../../../../src/keyspace/common-prefix-length.ts'
import { SmallNetwork } from '../small-network.ts'

const WALK_MS = 100
const PING_MS = 50

/** What a lookup for itself shares with it, bits */
const ITSELF = 32

interface Call {
  atMs: number
  gaveUpAtMs?: number
}

interface GivenInit {
  /** In the table from the start, each of them in the bucket of its number */
  peers?: number[]
  bootstrap?: number[]
  k?: number
  alpha?: number
}

/** One whose lookups and pings take as long as they are said to, and find nobody */
class Given {
  readonly network: SmallNetwork
  readonly buckets: NodeBuckets
  readonly refresh: GoRefresh
  readonly walks: Array<Call & { sharedBits: number }> = []
  readonly pings: Array<Call & { node: number }> = []
  /** They never answer to a ping */
  readonly silent = new Set<number>()
  /** They refuse the dial */
  readonly refusing = new Set<number>()
  walkMs = WALK_MS

  constructor ({ peers = [], bootstrap = [], k = 20, alpha = 10 }: GivenInit) {
    this.network = new SmallNetwork({ size: 256, k, bootstrap })

    const { clock, components } = this.network

    this.buckets = new NodeBuckets({ population: components.world.population, capacity: k, bucketOf: head => head >>> 24 })
    peers.forEach(node => this.buckets.add(node, 0, false))
    this.refresh = new GoRefresh({
      components,
      buckets: this.buckets,
      alpha,
      walk: (target, onEnd) => this.#call(this.walks, { atMs: clock.now, sharedBits: commonPrefixLength(components.kadId, target) }, this.walkMs, onEnd),
      ping: (node, onEnd) => this.#call(this.pings, { atMs: clock.now, node }, this.silent.has(node) ? Infinity : PING_MS, () => { onEnd(!this.refusing.has(node)) })
    })
  }

  /** When it looked itself up */
  get refreshedAtMs (): number[] {
    return this.walks.filter(({ sharedBits }) => sharedBits === ITSELF).map(({ atMs }) => atMs)
  }

  /** Let everything happen until a time, and at it, ms */
  until (ms: number): void {
    this.network.pass(ms - this.network.clock.now)
    this.network.pass(0)
  }

  #call<C extends Call> (calls: C[], call: C, ms: number, onEnd: () => void): () => void {
    const { clock } = this.network
    const cancel = ms === Infinity ? () => {} : clock.schedule(ms, onEnd)

    calls.push(call)

    return () => {
      call.gaveUpAtMs = clock.now
      cancel()
    }
  }
}

/** Numbers of so many peers, from 0 */
function peers (count: number): number[] {
  return Array.from({ length: count }, (_, node) => node)
}

describe('GoRefresh', () => {
  test('refreshes every ten minutes where there are more than ten peers', () => {
    const given = new Given({ peers: peers(11) })

    given.refresh.start()
    given.refresh.tableChanged()
    given.until(1_800_000)

    expect(given.refreshedAtMs).toEqual([600_000, 1_200_000, 1_800_000])
  })

  test('refreshes at once, every two minutes, and when somebody comes or leaves, where there are ten', () => {
    const given = new Given({ peers: peers(10) })

    given.refresh.start()
    given.until(60_000)
    given.refresh.tableChanged()
    given.until(360_000)

    expect(given.refreshedAtMs).toEqual([0, 60_000, 120_000, 240_000, 360_000])
  })

  test('does nothing before it has started', () => {
    const given = new Given({ peers: peers(3), bootstrap: [1] })

    given.refresh.tableChanged()
    given.until(1_000_000)

    expect([...given.walks, ...given.pings]).toEqual([])
  })

  test('looks itself up and then a key in each bucket, one after another, up to fifteen shared bits', () => {
    const given = new Given({ peers: peers(20) })

    given.refresh.start()
    given.until(700_000)

    expect(given.walks).toEqual([ITSELF, ...peers(16)].map((sharedBits, index) => ({ atMs: 600_000 + WALK_MS * index, sharedBits })))
  })

  test('goes no further beyond an empty bucket than as far again', () => {
    const given = new Given({ peers: [0, 1, 3, 8, 9, 10, 11, 12, 13, 14, 15] })

    given.refresh.start()
    given.until(700_000)

    expect(given.walks.map(({ sharedBits }) => sharedBits)).toEqual([ITSELF, 0, 1, 2, 3, 4, 5, 6])
  })

  test.each([
    [600_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [600_001, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]
  ])('leaves out a bucket that a lookup was in within ten minutes (%d ms before)', (beforeMs, buckets) => {
    const given = new Given({ peers: peers(11) })

    given.refresh.start()
    // the first bucket's turn comes when it has looked itself up
    given.until(1_200_000 + WALK_MS - beforeMs)
    given.refresh.lookedUp(Uint8Array.of(0))
    given.until(1_199_999)
    given.walks.length = 0
    given.until(1_210_000)

    expect(given.walks.map(({ sharedBits }) => sharedBits)).toEqual([ITSELF, ...buckets])
  })

  test('gives each lookup ten seconds', () => {
    const given = new Given({ peers: peers(11) })

    given.walkMs = Infinity
    given.refresh.start()
    given.until(621_000)

    expect(given.walks).toEqual([
      { atMs: 600_000, sharedBits: ITSELF, gaveUpAtMs: 610_000 },
      { atMs: 610_000, sharedBits: 0, gaveUpAtMs: 620_000 },
      { atMs: 620_000, sharedBits: 1 }
    ])
  })

  test('begins no refresh while one is under way', () => {
    const given = new Given({ peers: peers(7) })

    // eight lookups of ten seconds
    given.walkMs = Infinity
    given.refresh.start()
    given.until(79_999)
    given.refresh.tableChanged()
    given.until(80_000)
    given.refresh.tableChanged()

    expect(given.refreshedAtMs).toEqual([0, 80_000])
  })

  test.each([
    // ln(1/20) / ln(1 - 10/20) times ten minutes
    [10, 2_593_156],
    [20, 600_000],
    [30, 600_000]
  ])('pings whom it has not heard of for the grace period before it looks anything up (alpha %d: %d ms)', (alpha, graceMs) => {
    const given = new Given({ peers: peers(11), alpha })

    given.buckets.entries().forEach(({ node }, index) => {
      given.buckets.remove(node)
      given.buckets.add(node, 600_000 - graceMs - (index < 2 ? 1 : 0), false)
    })
    given.refresh.start()
    given.until(600_000 + PING_MS)

    expect(given.pings).toEqual([{ node: 0, atMs: 600_000 }, { node: 1, atMs: 600_000 }])
    expect(given.refreshedAtMs).toEqual([600_000 + PING_MS])
    expect(given.buckets.size).toBe(11)
  })

  test('drops who refuses a ping, and who has not answered to it in ten seconds', () => {
    const given = new Given({ peers: peers(13), alpha: 20 })

    given.refusing.add(2)
    given.silent.add(3)
    given.buckets.entries().forEach(entry => { entry.answeredAtMs = -1 })
    given.refresh.start()
    given.until(600_000 + PING_MS)
    expect(given.buckets.entries().map(({ node }) => node)).toEqual(peers(13).filter(node => node !== 2))
    given.until(609_999)
    expect(given.buckets.get(3)).toBeDefined()
    given.until(610_000)

    expect(given.pings.find(({ node }) => node === 3)).toEqual({ node: 3, atMs: 600_000, gaveUpAtMs: 610_000 })
    expect(given.buckets.entries().map(({ node }) => node)).toEqual(peers(13).filter(node => node !== 2 && node !== 3))
    expect(given.refreshedAtMs).toEqual([610_000])
  })

  test('bootstraps while its table is empty: one peer after another, until two have answered', () => {
    const bootstrap = [10, 20, 30, 40, 50]
    const given = new Given({ bootstrap })

    bootstrap.slice(0, 3).forEach(node => { given.refusing.add(node) })
    given.refresh.start()
    given.refresh.tableChanged()
    given.until(10_000)

    const { pings } = given

    expect(pings.map(({ atMs }) => atMs)).toEqual(pings.map((_, index) => PING_MS * index))
    // the last that it asked is the second that answered
    expect(given.buckets.get(pings.at(-1)?.node ?? NaN)).toMatchObject({ answeredAtMs: PING_MS * pings.length, replaceable: true })
    expect(given.buckets.entries().map(({ node }) => node)).toEqual(expect.arrayContaining([40, 50]))
    expect(new Set(pings.map(({ node }) => node)).size).toBe(pings.length)
  })

  test('asks no third bootstrap peer', () => {
    const given = new Given({ bootstrap: [10, 20, 30, 40, 50] })

    given.refresh.start()
    given.until(100_000)

    expect(given.pings).toHaveLength(2)
  })

  test('refreshes twice when it has bootstrapped, is young until the first has ended, and keeps what it has a minute after the second', () => {
    const given = new Given({ bootstrap: [0, 1] })
    const isReplaceable = (): boolean => given.buckets.entries().every(({ replaceable }) => replaceable)
    // it looks up itself and a key in each of the two buckets
    const refreshMs = 3 * WALK_MS

    given.refresh.start()
    given.until(2 * PING_MS + refreshMs - 1)
    expect(given.refreshedAtMs).toEqual([2 * PING_MS])
    expect(given.refresh.isBootstrapping).toBe(true)
    given.until(2 * PING_MS + refreshMs)
    expect(given.refreshedAtMs).toEqual([2 * PING_MS, 2 * PING_MS + refreshMs])
    expect(given.refresh.isBootstrapping).toBe(false)
    given.until(2 * PING_MS + 2 * refreshMs + 59_999)
    expect(isReplaceable()).toBe(true)
    given.until(2 * PING_MS + 2 * refreshMs + 60_000)
    expect(isReplaceable()).toBe(false)
  })

  test('counts the refreshes anew when its table has been empty', () => {
    const given = new Given({ bootstrap: [0] })

    given.refresh.start()
    given.until(100_000)
    given.buckets.remove(0)
    given.refresh.tableChanged()
    given.until(101_000)

    expect(given.refreshedAtMs).toHaveLength(4)
    expect(given.buckets.get(0)?.replaceable).toBe(true)
    given.until(170_000)
    expect(given.buckets.get(0)?.replaceable).toBe(false)
  })

  test('begins again two minutes later when no bootstrap peer has answered, in another order', () => {
    const bootstrap = peers(20)
    const given = new Given({ bootstrap })

    bootstrap.forEach(node => { given.refusing.add(node) })
    given.refresh.start()
    given.until(239_999)

    const orders = [given.pings.slice(0, 20), given.pings.slice(20)]

    expect(orders.map(([{ atMs }]) => atMs)).toEqual([0, 120_000])
    expect(orders[0].map(({ node }) => node)).not.toEqual(orders[1].map(({ node }) => node))
    orders.forEach(pings => { expect(pings.map(({ node }) => node).sort((a, b) => a - b)).toEqual(bootstrap) })
    expect(given.walks).toEqual([])
  })

  test('has nothing to begin with where it knows no bootstrap peer', () => {
    const given = new Given({})

    given.refresh.start()
    given.until(599_999)

    expect([...given.pings, ...given.walks]).toEqual([])
    expect(given.refresh.isBootstrapping).toBe(false)
  })
})
