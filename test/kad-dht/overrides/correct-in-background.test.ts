import { describe, expect, test } from 'vitest'
import { SOON_MS, among, holds, versionsRead } from '../value-holders.ts'
import type { Script } from '../../libp2p/scripted-peer.ts'

describe('a read', () => {
  test('gives the newest of the values and corrects holders of older ones', async () => {
    const { node, peers } = await among(holds(1), holds(1), holds(1), holds(2))

    expect(await versionsRead(node)).toEqual([2])

    const corrections = (): number[] => peers.map(({ requests }) => requests.filter(({ type }) => type === 'PUT_VALUE').length)
    await expect.poll(corrections).toEqual([1, 1, 1, 0])
  })

  test('neither waits for a holder that takes no correction nor fails with it', async () => {
    const stubborn: Script = (request, stream) => request.type === 'PUT_VALUE' ? undefined : holds(1)(request, stream)
    const { node } = await among(stubborn, stubborn, holds(2))
    const startedAt = Date.now()

    expect(await versionsRead(node)).toEqual([2])
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS)
  })
})
