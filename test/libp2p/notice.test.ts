import { expect, test } from 'vitest'
import { Notice } from '../../src/libp2p/notice.ts'

test('a notice is told to all who have subscribed, in the order in which they did', () => {
  const notice = new Notice<[peer: string, count: number]>()
  const told: unknown[] = []
  const { tell } = notice

  tell('nobody', 0)
  notice.subscribe((peer, count) => { told.push('first', peer, count) })
  notice.subscribe((peer, count) => { told.push('second', peer, count) })
  tell('somebody', 1)

  expect(told).toEqual(['first', 'somebody', 1, 'second', 'somebody', 1])
})
