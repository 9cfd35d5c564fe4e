import { expect, test } from 'vitest'
import { connectionsOf } from '../../../src/libp2p/streams/connections-of.ts'
import { componentsOf } from '../components-of.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { strangerId } from '../test-node.ts'
import type { ConnectionManager } from '@libp2p/interface-internal'

test('the connections are those to a peer, or to all', async () => {
  const { node, components: { connectionManager } } = await componentsOf()
  const peer = await scriptedPeer()
  const connection = await node.dial(peer.node.getMultiaddrs())

  expect(connectionsOf(connectionManager, peer.peerId)).toEqual([connection])
  expect(connectionsOf(connectionManager, await strangerId())).toEqual([])
  expect(connectionsOf(connectionManager)).toEqual([connection])
})

test('a stub that answers nothing has none', () => {
  expect(connectionsOf({ getConnections: () => undefined } as unknown as ConnectionManager)).toEqual([])
})
