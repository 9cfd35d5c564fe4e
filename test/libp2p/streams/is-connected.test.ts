import { describe, expect, test } from 'vitest'
import { hasOpenConnection, isConnected } from '../../../src/libp2p/streams/is-connected.ts'
import { componentsOf } from '../components-of.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { strangerId } from '../test-node.ts'
import type { ConnectionManager } from '@libp2p/interface-internal'

describe('a peer', () => {
  test('is connected from the dial until the connection is closed', async () => {
    const { node, components: { connectionManager } } = await componentsOf()
    const peer = await scriptedPeer()
    const states = (): boolean[] => [isConnected(connectionManager, peer.peerId), hasOpenConnection(connectionManager, peer.peerId)]
    expect(states()).toEqual([false, false])

    const connection = await node.dial(peer.node.getMultiaddrs())
    expect(states()).toEqual([true, true])

    await connection.close()
    expect(states()).toEqual([false, false])
  })

  test.each<[string, unknown, boolean, boolean]>([
    ['with an open connection', [{ status: 'open' }], true, true],
    ['with a connection that is closing', [{ status: 'closing' }], true, false],
    ['with one of each', [{ status: 'closed' }, { status: 'open' }], true, true],
    ['without any', [], false, false],
    ['of which a stub knows nothing', undefined, false, false]
  ])('%s', async (_, connections, connected, open) => {
    const connectionManager = { getConnections: () => connections } as Pick<ConnectionManager, 'getConnections'>
    const id = await strangerId()

    expect([isConnected(connectionManager, id), hasOpenConnection(connectionManager, id)]).toEqual([connected, open])
  })
})
