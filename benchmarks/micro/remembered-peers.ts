import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { multiaddr } from '@multiformats/multiaddr'
import { systemClock } from '../../src/libp2p/clock.ts'
import { PeerBook } from '../../src/libp2p/peers/peer-book.ts'
import { ScoreKeeper } from '../../src/libp2p/store/score-keeper.ts'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { seededRandom } from '../random/seeded-random.ts'
import type { Logger } from '@libp2p/interface'
import type { StoredPeer } from '../../src/persistence/score-store.ts'
import type { Random } from '../random/random.ts'

/** As many peers name the others to the node */
const REFERRERS = 200

/** A public server of Kubo has such addresses */
const ADDRESSES = [
  '/ip4/1.2.3.4/tcp/4001',
  '/ip4/1.2.3.4/udp/4001/quic-v1',
  '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjLa2R_RF71v86aVxlqdKNOQ/certhash/uEiAfbgiymPP2_nX7Dgir8B4QkksjHp2lVuJZz0F79Be9JA',
  '/ip6/2001:db8::1/tcp/4001'
].map(text => multiaddr(text).bytes)

const QUIET: Logger = Object.assign(() => {}, { error: () => {}, trace: () => {}, enabled: false, newScope: () => QUIET })

/** What it costs to remember peers that were named */
export interface RememberedPeers {
  /** Heap after a collection, for each peer, bytes */
  bytesPerPeer: number
  /** How long a start with them takes, ms, for each repetition */
  startMs: number[]
}

/**
 * Start with a store of peers that were only named, several times
 *
 * @param repetitions - How often the time is taken, after two starts that are left out
 */
export async function rememberedPeers (seed: number, peers: number, repetitions: number): Promise<RememberedPeers> {
  const location = await mkdtemp(join(tmpdir(), 'remembered-'))

  try {
    await fill(location, seed, peers)
    // the first start warms the code up; it is kept, as nobody can tell when it would be collected
    const first = await start(location, peers)
    const before = heapAfterCollection()
    const second = await start(location, peers)
    const bytesPerPeer = (heapAfterCollection() - before) / peers
    const startMs: number[] = []

    for (let i = 0; i < repetitions; i++) {
      startMs.push((await start(location, peers)).startMs)
    }

    for (const { table, book } of [first, second]) {
      const named = [...table.namedPeers()]

      if (named.length !== peers || named.some(peer => book.storedAddresses(peer).length !== ADDRESSES.length)) {
        throw new Error('peers or addresses were lost')
      }
    }

    return { bytesPerPeer, startMs }
  } finally {
    await rm(location, { recursive: true })
  }
}

async function fill (location: string, seed: number, peers: number): Promise<void> {
  const random = seededRandom(seed, 'micro', 'remembered')
  const referrers = Array.from({ length: REFERRERS }, () => randomMultihash(random))
  const store = new LevelScoreStore({ location })
  await store.open()

  await store.write({
    put: Array.from({ length: peers }, (_, i): StoredPeer => ({
      peer: randomMultihash(random),
      naming: { referrer: referrers[i % REFERRERS], namedAt: Date.now() - i },
      addresses: ADDRESSES.map(multiaddr => ({ multiaddr, reliability: 0.5 }))
    })),
    delete: []
  })
  await store.close()
}

async function start (location: string, peers: number): Promise<{ table: ScoredRoutingTable<string>, book: PeerBook, startMs: number }> {
  const clock = systemClock()
  const { now } = clock
  const table = new ScoredRoutingTable<string>({ buckets: { entries: () => [], subscribe: () => {} }, localPeer: 'ourselves' })
  const book = new PeerBook({ connectionManager: { isDialable: async () => true } }, { maxPeers: 2 * peers, keeps: peer => table.namedPeer(peer) !== undefined, peerInfoMapper: info => info, now })
  const keeper = new ScoreKeeper({
    store: new LevelScoreStore({ location }),
    strict: true,
    table,
    book,
    maxPeers: peers,
    maxNamedPeers: peers,
    log: QUIET,
    clock,
    onUnreadable: () => {},
    onFlushed: () => {},
    onFailure: () => {}
  })
  const from = performance.now()
  await keeper.start(new AbortController().signal)
  const startMs = performance.now() - from
  await keeper.stop()

  return { table, book, startMs }
}

/** Like that of a peer id with an Ed25519 key */
function randomMultihash (random: Random): Uint8Array {
  const bytes = Uint8Array.from({ length: 38 }, () => Math.floor(random() * 256))
  bytes.set([0x00, 0x24, 0x08, 0x01, 0x12, 0x20])

  return bytes
}

function heapAfterCollection (): number {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  collect()

  return process.memoryUsage().heapUsed + process.memoryUsage().external
}
