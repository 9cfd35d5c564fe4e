import { describe, expect, test } from 'vitest'
import { ScoreWriter } from '../../src/persistence/score-writer.ts'
import { multihash, storedPeer } from '../../src/testing/stored-peers.ts'
import type { ScoreWriterInit } from '../../src/persistence/score-writer.ts'
import type { ScoreStore, StoredPeer } from '../../src/persistence/score-store.ts'

type Batch = Parameters<ScoreStore['write']>[0]

describe('the score writer', () => {
  test('writes what is known of the changed peers when it is flushed', async () => {
    const { writer, batches, scores } = setUp()
    scores.set(1, storedPeer(1)).set(2, storedPeer(2)).set(3, storedPeer(3))
    writer.changed(1)
    writer.changed(2)
    writer.changed(1)
    scores.set(1, storedPeer(1, { reliability: 0.25 }))

    expect(await writer.flush()).toBe(2)
    expect(batches).toEqual([{ put: [storedPeer(1, { reliability: 0.25 }), storedPeer(2)], delete: [] }])
  })

  test('deletes a peer that was forgotten, and writes one that came back', async () => {
    const { writer, batches, scores } = setUp()
    writer.changed(1)
    writer.changed(2)
    scores.set(2, storedPeer(2))
    await writer.flush()

    expect(batches).toEqual([{ put: [storedPeer(2)], delete: [multihash(1)] }])
  })

  test('writes nothing when nothing has changed', async () => {
    const { writer, batches, scores } = setUp()
    scores.set(1, storedPeer(1))
    writer.changed(1)
    await writer.flush()

    expect(await writer.flush()).toBe(0)
    expect(batches).toHaveLength(1)
  })

  test('writes 250 peers at a time by default, and lets others run in between', async () => {
    const turns: number[] = []
    const { writer, batches } = setUp({ letOthersRun: async () => { turns.push(batches.length) } })

    for (let peer = 0; peer < 501; peer++) {
      writer.changed(peer)
    }

    expect(await writer.flush()).toBe(501)
    expect(batches.map(batch => batch.delete.length)).toEqual([250, 250, 1])
    expect(turns).toEqual([1, 2])
  })

  test('writes a change that is made during a flush at the next one', async () => {
    const { writer, batches, scores, onWrite } = setUp()
    scores.set(1, storedPeer(1))
    writer.changed(1)
    onWrite(() => {
      scores.set(1, storedPeer(1, { reliability: 1 }))
      writer.changed(1)
    })
    await writer.flush()
    expect(writer.pending).toBe(1)

    onWrite(() => {})
    await writer.flush()
    expect(batches.map(({ put }) => put[0].score?.reliability)).toEqual([0.75, 1])
    expect(writer.pending).toBe(0)
  })

  test('makes calls during a flush share one that follows and has what changed since', async () => {
    const { writer, batches } = setUp()
    writer.changed(1)
    const first = writer.flush()
    writer.changed(2)
    const others = [writer.flush(), writer.flush()]

    expect(await first).toBe(1)
    expect(await Promise.all(others)).toEqual([1, 1])
    expect(batches).toEqual([{ put: [], delete: [multihash(1)] }, { put: [], delete: [multihash(2)] }])
  })

  test('keeps what could not be written, and writes it later', async () => {
    const { writer, batches, onWrite } = setUp({ maxBatch: 2 })
    const peers = [1, 2, 3, 4, 5]
    peers.forEach(peer => { writer.changed(peer) })
    onWrite(() => {
      if (batches.length === 1) {
        throw new Error('disk full')
      }
    })
    await expect(writer.flush()).rejects.toThrow('disk full')
    expect(writer.pending).toBe(3)

    onWrite(() => {})
    expect(await writer.flush()).toBe(3)
    expect(batches.flatMap(batch => batch.delete)).toHaveLength(5)
    expect(new Set(batches.flatMap(batch => batch.delete.map(String)))).toEqual(new Set(peers.map(peer => String(multihash(peer)))))
  })

  test('flushes for those who called during a flush that failed', async () => {
    const { writer, batches, onWrite } = setUp()
    let writes = 0
    onWrite(() => {
      if (writes++ === 0) {
        throw new Error('disk full')
      }
    })
    writer.changed(1)
    const first = writer.flush()
    const second = writer.flush()

    await expect(first).rejects.toThrow('disk full')
    expect(await second).toBe(1)
    expect(batches).toHaveLength(1)
  })

  test('holds no more than its limit while the store fails', async () => {
    const { writer, onWrite } = setUp({ maxPending: 10 })
    onWrite(() => { throw new Error('disk full') })

    for (let peer = 0; peer < 100; peer++) {
      writer.changed(peer)

      if (peer % 7 === 0) {
        await expect(writer.flush()).rejects.toThrow('disk full')
      }

      expect(writer.pending).toBeLessThanOrEqual(10)
    }
  })

  test('gives up the peers that waited longest when too many wait', async () => {
    const { writer, batches } = setUp({ maxPending: 2 })
    ;[1, 2, 3].forEach(peer => { writer.changed(peer) })
    await writer.flush()

    expect(batches).toEqual([{ put: [], delete: [multihash(2), multihash(3)] }])
  })

  test.each([
    ['maxBatch', 0],
    ['maxBatch', NaN],
    ['maxPending', 0.5]
  ])('refuses a %s of %d', (name, value) => {
    expect(() => setUp({ [name]: value })).toThrow(expect.objectContaining({
      name: 'InvalidParametersError',
      message: expect.stringContaining(`${name} is ${value}`)
    }))
  })
})

function setUp (init: Pick<ScoreWriterInit<number>, 'maxBatch' | 'maxPending' | 'letOthersRun'> = {}): {
  writer: ScoreWriter<number>
  batches: Batch[]
  scores: Map<number, StoredPeer>
  onWrite: (listener: () => void) => void
} {
  const batches: Batch[] = []
  const scores = new Map<number, StoredPeer>()
  let listener = (): void => {}
  // a store that can fail, and be caught in the middle of a write
  const store: ScoreStore = {
    async open () {},
    async * load () {},
    async write (batch) {
      listener()
      batches.push(batch)
    },
    async clear () {},
    async close () {}
  }

  return {
    writer: new ScoreWriter({ store, snapshot: peer => scores.get(peer), multihashOf: multihash, ...init }),
    batches,
    scores,
    onWrite: next => { listener = next }
  }
}
