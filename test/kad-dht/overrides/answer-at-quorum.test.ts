import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { SOON_MS, among, holds, versionsRead } from '../value-holders.ts'
import type { Script } from '../../libp2p/scripted-peer.ts'

/** Much more than the others' answers take */
const SLOW_MS = 300

/** Never answers a read */
const isMute: Script = ({ type }) => type === 'GET_VALUE' ? undefined : {}

describe('a read', () => {
  test('answers when four fifths of k have given a value, and ends its lookup', async () => {
    const { node } = await among(holds(1), holds(1), holds(1), holds(1), isMute)
    const startedAt = Date.now()

    expect(await versionsRead(node)).toEqual([1])
    expect(Date.now() - startedAt).toBeLessThan(SOON_MS)
  })

  test('of fewer holders answers at the end of its lookup, with the newest of all that answer', async () => {
    const { node } = await among(holds(1), holds(1), async (request, stream) => {
      await delay(SLOW_MS)

      return holds(2)(request, stream) as object
    })

    expect(await versionsRead(node)).toEqual([2])
  })
})
