import { describe, expect, test } from 'vitest'
import { PeerQueues } from '../../src/publish/peer-queues.ts'

function queuesOf (waiting: Record<string, number[]>, recordsPerSend = 3): PeerQueues<string, number> {
  const queues = new PeerQueues<string, number>(Object.keys(waiting), recordsPerSend)

  for (const [peer, keys] of Object.entries(waiting)) {
    keys.forEach(key => { queues.add(peer, key) })
  }

  return queues
}

/** The next send fails */
function fail (queues: PeerQueues<string, number>): { peer: string, toOthers: number[] } {
  const { peer, keys } = queues.next() ?? { peer: '', keys: [] }

  return { peer, toOthers: queues.ended(peer, keys) }
}

describe('the queues of the peers', () => {
  test('give the peer for which most keys wait, and no more keys than go at once', () => {
    const queues = queuesOf({ a: [1], b: [1, 2, 3, 4], c: [1, 2] })

    expect(queues.next()).toEqual({ peer: 'b', keys: [1, 2, 3] })
    expect(queues.next()).toEqual({ peer: 'c', keys: [1, 2] })
    expect(queues.next()).toEqual({ peer: 'a', keys: [1] })
    expect(queues.sending).toBe(3)
    // one send at a time to each
    expect(queues.next()).toBeUndefined()

    expect(queues.ended('b', [])).toEqual([])
    expect(queues.sending).toBe(2)
    expect(queues.next()).toEqual({ peer: 'b', keys: [4] })
  })

  test('know what is being sent', () => {
    const queues = queuesOf({ a: [1, 2] })

    expect(queues.sentTo('a')).toBeUndefined()
    queues.next()
    expect(queues.sentTo('a')).toEqual(new Set([1, 2]))
    queues.ended('a', [])
    expect(queues.sentTo('a')).toBeUndefined()
    expect(queues.sentTo('z')).toBeUndefined()
  })

  test('put what was not answered in front again', () => {
    const queues = queuesOf({ a: [1, 2, 3, 4] })

    queues.next()
    expect(queues.ended('a', [2, 3])).toEqual([])
    expect(queues.next()).toEqual({ peer: 'a', keys: [2, 3, 4] })
  })

  test('put a peer that has failed behind the others', () => {
    const queues = queuesOf({ a: [1, 2], b: [1] })

    expect(fail(queues)).toEqual({ peer: 'a', toOthers: [] })
    expect(queues.next()).toEqual({ peer: 'b', keys: [1] })
    expect(queues.next()).toEqual({ peer: 'a', keys: [1, 2] })
  })

  test('leave out a peer that fails twice, and give back all that waits for it', () => {
    const queues = queuesOf({ a: [1, 2, 3, 4, 5] })

    expect(fail(queues)).toEqual({ peer: 'a', toOthers: [] })
    expect(queues.isLeftOut('a')).toBe(false)
    expect(fail(queues)).toEqual({ peer: 'a', toOthers: [1, 2, 3, 4, 5] })
    expect(queues.isLeftOut('a')).toBe(true)
    expect(queues.leftOut).toEqual(['a'])
    expect(queues.sending).toBe(0)
    expect(queues.next()).toBeUndefined()
  })

  test('leave it out for the second failure, whatever was between', () => {
    const queues = queuesOf({ a: [1, 2, 3, 4] }, 1)

    fail(queues)
    queues.ended(queues.next()?.peer ?? '', [])
    expect(fail(queues)).toEqual({ peer: 'a', toOthers: [2, 3, 4] })
  })

  test('ignore an end of nothing', () => {
    const queues = queuesOf({ a: [1] })

    expect(queues.ended('a', [1])).toEqual([])
    expect(queues.ended('z', [1])).toEqual([])
    expect(queues.sending).toBe(0)
    expect(queues.next()).toEqual({ peer: 'a', keys: [1] })
  })
})
