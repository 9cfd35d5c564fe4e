import { describe, expect, test } from 'vitest'
import { storedPeer } from '../../src/testing/stored-peers.ts'
import { testScoreStore } from '../../src/testing/test-score-store.ts'
import { MapScoreStore } from '../persistence/map-score-store.ts'
import { failuresOf } from './failures-of.ts'
import type { StoredTexts } from '../persistence/map-score-store.ts'
import type { ScoreStore, StoredPeer, UnreadableEntry } from '../../src/persistence/score-store.ts'

type Batch = Parameters<ScoreStore['write']>[0]
type Options = Parameters<ScoreStore['write']>[1]

testScoreStore({
  test,
  name: 'MapScoreStore',
  prepare: async () => {
    const texts: StoredTexts = new Map()

    return { store: () => new MapScoreStore(texts) }
  }
})

class Forgetful extends MapScoreStore {
  constructor () {
    super(new Map())
  }
}

class RemembersAll extends MapScoreStore {
  override async write (batch: Batch, options?: Options): Promise<void> {
    await super.write({ ...batch, delete: [] }, options)
  }

  override async clear (): Promise<void> {}
}

class RoundsScores extends MapScoreStore {
  override async write ({ put, ...batch }: Batch, options?: Options): Promise<void> {
    await super.write({ ...batch, put: put.map(peer => peer.score === undefined ? peer : { ...peer, score: { ...peer.score, reliability: Math.round(peer.score.reliability) } }) }, options)
  }
}

class LosesAddresses extends MapScoreStore {
  override async write ({ put, ...batch }: Batch, options?: Options): Promise<void> {
    await super.write({ ...batch, put: put.map(peer => ({ ...peer, addresses: [] })) }, options)
  }
}

class LosesNamed extends MapScoreStore {
  override async write ({ put, ...batch }: Batch, options?: Options): Promise<void> {
    await super.write({ ...batch, put: put.filter(({ score }) => score !== undefined) }, options)
  }
}

class KeepsNamings extends MapScoreStore {
  readonly #known: StoredTexts

  constructor (texts: StoredTexts) {
    super(texts)
    this.#known = texts
  }

  override async write ({ put, ...batch }: Batch, options?: Options): Promise<void> {
    const before = new Map(this.#known)
    await super.write({ ...batch, put }, options)
    before.forEach((text, key) => {
      if (text.includes('referrer')) {
        this.#known.set(key, text)
      }
    })
  }
}

class TakesTheFirst extends MapScoreStore {
  readonly #known: StoredTexts

  constructor (texts: StoredTexts) {
    super(texts)
    this.#known = texts
  }

  override async write ({ put, ...batch }: Batch, options?: Options): Promise<void> {
    const before = new Map(this.#known)
    await super.write({ ...batch, put }, options)
    before.forEach((text, key) => { this.#known.set(key, text) })
  }
}

class ClosesOnce extends MapScoreStore {
  override async close (): Promise<void> {
    if (!this.isOpen) {
      throw new Error('closed already')
    }

    await super.close()
  }
}

class HeedsNoSignal extends MapScoreStore {
  override async write (batch: Batch): Promise<void> {
    await super.write(batch)
  }
}

class SeesGhosts extends MapScoreStore {
  override async * load (onUnreadable: (entry: UnreadableEntry) => void, options?: Options): AsyncGenerator<StoredPeer> {
    yield storedPeer(77)
    yield * super.load(onUnreadable, options)
  }
}

class Nameless extends MapScoreStore {
  override readonly name = ''
}

describe('the suite of score stores', () => {
  test.each<[string, new (texts: StoredTexts) => ScoreStore, string]>([
    ['keeps nothing', Forgetful, 'keeps its peers when it is opened again'],
    ['deletes nothing', RemembersAll, 'deletes peers, and does not mind those that it does not have'],
    ['clears nothing', RemembersAll, 'forgets everything when it is cleared'],
    ['rounds', RoundsScores, 'gives back what was written'],
    ['loses addresses', LosesAddresses, 'gives back what was written'],
    ['loses those that were only named', LosesNamed, 'gives back peers that were only named, which have no score'],
    ['takes no score of those that were only named', KeepsNamings, 'keeps the score of a peer that was only named before, and the other way round'],
    ['takes no second word', TakesTheFirst, 'keeps the last of several writes of a peer'],
    ['can be closed once only', ClosesOnce, 'is opened and closed several times without harm'],
    ['writes though it was told to stop', HeedsNoSignal, 'does nothing once its signal was aborted'],
    ['is not empty', SeesGhosts, 'is empty at first'],
    ['has an empty name', Nameless, 'has a name for messages, or none']
  ])('fails a store that %s', async (_, Store, title) => {
    expect(await failuresOf(test => {
      testScoreStore({
        test,
        name: 'of the test',
        prepare: async () => {
          const texts: StoredTexts = new Map()

          return { store: () => new Store(texts) }
        }
      })
    })).toContain(title)
  })

  test('lets go of the ground, whether a test fails or not', async () => {
    let prepared = 0
    let ended = 0
    await failuresOf(test => {
      testScoreStore({
        test,
        name: 'of the test',
        prepare: async () => {
          prepared++

          return { store: () => new Forgetful(), end: async () => { ended++ } }
        }
      })
    })

    expect(prepared).toBeGreaterThan(5)
    expect(ended).toBe(prepared)
  })
})
