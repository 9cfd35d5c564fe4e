import all from 'it-all'
import { describe, expect, test } from 'vitest'
import { inBatches } from '../../../src/persistence/published/in-batches.ts'

const MIB = 1024 * 1024

function numbers (count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}

describe('items in batches', () => {
  test.each([
    [0, []],
    [1, [1]],
    [1_000, [1_000]],
    [2_500, [1_000, 1_000, 500]]
  ])('of a thousand at most: %d', async (count, lengths) => {
    for (const source of [numbers(count), generated(count).items]) {
      const batches = await all(inBatches<number>(source, () => 0))

      expect(batches.map(({ length }) => length)).toEqual(lengths)
      expect(batches.flat()).toEqual(numbers(count))
    }
  })

  test('of a mebibyte at most, the last item aside', async () => {
    const batches = await all(inBatches([MIB / 2, MIB / 2 - 1, 1, 4 * MIB, 1], size => size))

    expect(batches).toEqual([[MIB / 2, MIB / 2 - 1, 1], [4 * MIB], [1]])
  })

  test('are asked for when the batch before was used', async () => {
    const source = generated(3_000)
    const batches = inBatches(source.items, () => 0)
    await batches.next()
    await new Promise(resolve => { setImmediate(resolve) })

    expect(source.made).toBe(1_000)
    await batches.return(undefined)
    expect(source.isClosed).toBe(true)
  })

  test('end with the error of their source', async () => {
    async function * failing (): AsyncGenerator<number> {
      yield 1
      throw new Error('the source failed')
    }

    await expect(all(inBatches(failing(), () => 0))).rejects.toThrow('the source failed')
  })

  test('are no longer waited for when that is given up, and the source is closed', async () => {
    const giveUp = new AbortController()
    let isClosed = false
    const silent: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => new Promise(() => {}),
        return: async () => {
          isClosed = true

          return { done: true, value: undefined }
        }
      })
    }
    const batches = all(inBatches(silent, () => 0, giveUp))
    giveUp.abort(new Error('no longer'))

    await expect(batches).rejects.toThrow('no longer')
    expect(isClosed).toBe(true)
  })

  test('end when it is given up between two items of an array', async () => {
    const giveUp = new AbortController()
    let read = 0

    await expect(all(inBatches(numbers(5_000), () => {
      if (++read === 10) {
        giveUp.abort(new Error('no longer'))
      }

      return 0
    }, giveUp))).rejects.toThrow('no longer')
    expect(read).toBe(10)
  })
})

function generated (count: number): { items: AsyncGenerator<number>, made: number, isClosed: boolean } {
  async function * generate (): AsyncGenerator<number> {
    try {
      for (; state.made < count;) {
        yield state.made++
      }
    } finally {
      state.isClosed = true
    }
  }

  const state = { items: generate(), made: 0, isClosed: false }

  return state
}
