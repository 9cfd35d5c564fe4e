import { describe, expect, test, vi } from 'vitest'
import { ConnectionLosses } from '../../../src/libp2p/streams/connection-losses.ts'
import { componentsOf } from '../components-of.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import type { Connection } from '@libp2p/interface'
import type { ScriptedPeer } from '../scripted-peer.ts'

type End = (connection: Connection, peer: ScriptedPeer) => Promise<void> | void

async function lostAfter (end: End, { started = true } = {}): Promise<{ lost: string[], peer: ScriptedPeer }> {
  const { node, components } = await componentsOf()
  const peer = await scriptedPeer()
  const lost: string[] = []
  const losses = new ConnectionLosses(components, handle => { lost.push(handle) })
  losses.start()

  if (!started) {
    losses.stop()
  }

  const connection = await node.dial(peer.node.getMultiaddrs())
  // the other side may know of the connection a moment later
  await vi.waitFor(() => { expect(peer.node.getConnections()).toHaveLength(1) })
  const closed = new Promise(resolve => { components.events.addEventListener('connection:close', resolve) })
  await end(connection, peer)
  await closed

  return { lost, peer }
}

const RESET: End = (_, peer) => { peer.node.getConnections().forEach(connection => { connection.abort(new Error('gone')) }) }

describe('a connection', () => {
  test.each<[string, End]>([
    ['that the other side resets', RESET],
    ['that we abort', connection => { connection.abort(new Error('enough')) }]
  ])('%s is lost', async (_, end) => {
    const { lost, peer } = await lostAfter(end)

    expect(lost).toEqual([peer.peerId.toString()])
  })

  test.each<[string, End]>([
    ['that we close', async connection => connection.close()],
    ['that the other side closes', async (_, peer) => { await Promise.all(peer.node.getConnections().map(async connection => connection.close())) }]
  ])('%s is not', async (_, end) => {
    expect((await lostAfter(end)).lost).toEqual([])
  })

  test('that breaks while the node is stopped is not told of', async () => {
    expect((await lostAfter(RESET, { started: false })).lost).toEqual([])
  })
})
