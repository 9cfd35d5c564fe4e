import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { BookAddress, NEUTRAL } from '../../../src/libp2p/peers/book-entry.ts'
import { strangerId } from '../test-node.ts'

test('an address that was just named is neutral, and nobody knows whether it can be dialled', () => {
  expect(new BookAddress(multiaddr('/ip4/1.2.3.4/tcp/1'), 7)).toMatchObject({ reliability: NEUTRAL, workedAt: undefined, named: 1, naming: 7, checked: false, relayed: false, kind: 'ip4/tcp public' })
})

test('an address through a relay is known as such', async () => {
  expect(new BookAddress(multiaddr(`/ip4/1.2.3.4/tcp/1/p2p/${await strangerId()}/p2p-circuit`), 1).relayed).toBe(true)
})
