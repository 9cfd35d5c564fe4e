import assert from 'node:assert/strict'
import { multihash, storedNamedPeer, storedPeer } from './stored-peers.ts'
import { storeContents } from './store-contents.ts'
import type { TestFunction } from './test-function.ts'
import type { ScoreStore, StoredPeer } from '../persistence/score-store.ts'

/** A number of peers that is more than a store writes in one batch */
const MANY = 2_500

/**
 * The place where a store under test keeps its contents, such as a directory
 */
export interface StoreGround {
  /** Makes a store on this ground, not yet open. Each store finds what those before it wrote. */
  store: () => ScoreStore

  /** Removes the ground. The stores on it are closed by then. */
  end?: () => Promise<void>
}

/**
 * What `testScoreStore` is called with
 */
export interface ScoreStoreSuite {
  /** Registers a test */
  test: TestFunction

  /** The store's name, with which the names of its tests begin */
  name: string

  /** Makes an empty ground for one test */
  prepare: () => Promise<StoreGround>
}

/**
 * Registers a test for everything that a score store must do.
 *
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { testScoreStore } from 'libp2p-scored-routing/testing'
 *
 * testScoreStore({
 *   test,
 *   name: 'FileScoreStore',
 *   prepare: async () => {
 *     const directory = await mkdtemp(join(tmpdir(), 'scores-'))
 *
 *     return {
 *       store: () => new FileScoreStore(join(directory, 'scores')),
 *       end: async () => { await rm(directory, { recursive: true }) }
 *     }
 *   }
 * })
 * ```
 */
export function testScoreStore ({ test, name, prepare }: ScoreStoreSuite): void {
  const add = (title: string, run: (bench: StoreBench) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const bench = new StoreBench(await prepare())

      try {
        await bench.store.open()
        await run(bench)
      } finally {
        await bench.end()
      }
    })
  }

  testReadingAndWriting(add)
  testOpeningAndClosing(add)
  testLeavingEarly(add)
}

/** A ground and the store that is open on it */
class StoreBench {
  store: ScoreStore
  readonly #ground: StoreGround

  constructor (ground: StoreGround) {
    this.#ground = ground
    this.store = ground.store()
  }

  /** Another store on the same ground, not open */
  another (): ScoreStore {
    return this.#ground.store()
  }

  async reopen (): Promise<void> {
    await this.store.close()
    this.store = this.another()
    await this.store.open()
  }

  async holds (...peers: StoredPeer[]): Promise<void> {
    const held = await storeContents(this.store)

    // compared peer by peer, because the difference between two long lists takes very long to print
    assert.equal(held.peers.length, peers.length, `it holds ${held.peers.length} peers, ${peers.length} were written`)
    assert.equal(held.unreadable.length, 0, `it can't read ${held.unreadable.length} of its own entries`)
    held.peers.forEach((peer, i) => { assert.deepEqual(peer, peers[i]) })
  }

  async end (): Promise<void> {
    await this.store.close()
    await this.#ground.end?.()
  }
}

type Add = (title: string, run: (bench: StoreBench) => Promise<void>) => void

function testReadingAndWriting (add: Add): void {
  add('is empty at first', async bench => {
    await bench.holds()
  })

  add('gives back what was written', async bench => {
    const peers: StoredPeer[] = [
      storedPeer(1),
      { ...storedPeer(2, { latencyMs: undefined, latencyDeviationMs: undefined, lastOutcome: undefined, answeringSince: undefined, answeredAt: undefined }), addresses: [] }
    ]
    await bench.store.write({ put: peers, delete: [] })

    await bench.holds(...peers)
  })

  add('gives back peers that were only named, which have no score', async bench => {
    const peers: StoredPeer[] = [storedPeer(1), storedNamedPeer(2), { ...storedNamedPeer(3, { namedAt: 1_700_000_000_500 }), addresses: [] }]
    await bench.store.write({ put: peers, delete: [] })

    await bench.holds(...peers)
  })

  add('keeps the score of a peer that was only named before, and the other way round', async bench => {
    await bench.store.write({ put: [storedNamedPeer(1), storedPeer(2)], delete: [] })
    await bench.store.write({ put: [storedPeer(1), storedNamedPeer(2)], delete: [] })

    await bench.holds(storedPeer(1), storedNamedPeer(2))
  })

  add('keeps the last of several writes of a peer', async bench => {
    await bench.store.write({ put: [storedPeer(1), storedPeer(2)], delete: [] })
    await bench.store.write({ put: [storedPeer(1, { reliability: 0.25 })], delete: [] })

    await bench.holds(storedPeer(1, { reliability: 0.25 }), storedPeer(2))
  })

  add('deletes peers, and does not mind those that it does not have', async bench => {
    await bench.store.write({ put: [storedPeer(1), storedPeer(2), storedPeer(3)], delete: [] })
    await bench.store.write({ put: [storedPeer(4)], delete: [multihash(1), multihash(3), multihash(99)] })

    await bench.holds(storedPeer(2), storedPeer(4))
  })

  add('takes an empty batch', async bench => {
    await bench.store.write({ put: [], delete: [] })

    await bench.holds()
  })

  add('forgets everything when it is cleared', async bench => {
    await bench.store.write({ put: [storedPeer(1), storedPeer(2)], delete: [] })
    await bench.store.clear()
    await bench.store.write({ put: [storedPeer(3)], delete: [] })
    await bench.reopen()

    await bench.holds(storedPeer(3))
  })
}

function testOpeningAndClosing (add: Add): void {
  add('keeps its peers when it is opened again', async bench => {
    const peers = Array.from({ length: MANY }, (_, i) => i % 3 === 2 ? storedNamedPeer(i) : storedPeer(i))
    await bench.store.write({ put: peers, delete: [] })
    await bench.reopen()

    await bench.holds(...peers)
  })

  add('is opened and closed several times without harm', async bench => {
    await bench.store.open()
    await bench.store.write({ put: [storedPeer(1)], delete: [] })
    await bench.store.close()
    await bench.store.close()
    await bench.store.open()

    await bench.holds(storedPeer(1))
  })

  add('has a name for messages, or none', async bench => {
    const { name } = bench.store

    assert.ok(name === undefined || (typeof name === 'string' && name !== ''), `its name is ${JSON.stringify(name)}`)
  })
}

function testLeavingEarly (add: Add): void {
  add('lets a reader leave early', async bench => {
    await bench.store.write({ put: [storedPeer(1), storedPeer(2)], delete: [] })

    const reader = bench.store.load(() => {})[Symbol.asyncIterator]()
    assert.notEqual((await reader.next()).done, true, 'it holds nothing')
    await reader.return?.()

    await bench.reopen()
    await bench.holds(storedPeer(1), storedPeer(2))
  })

  add('does nothing once its signal was aborted', async bench => {
    await bench.store.write({ put: [storedPeer(1)], delete: [] })
    const signal = AbortSignal.abort(new Error('enough'))

    await assert.rejects(async () => bench.store.write({ put: [storedPeer(2)], delete: [multihash(1)] }, { signal }), /enough/, 'write goes on')
    await assert.rejects(async () => bench.store.clear({ signal }), /enough/, 'clear goes on')
    await assert.rejects(async () => storeContents(bench.store, { signal }), /enough/, 'load goes on')
    await assert.rejects(async () => bench.another().open({ signal }), /enough/, 'open goes on')
    await bench.holds(storedPeer(1))
  })
}
