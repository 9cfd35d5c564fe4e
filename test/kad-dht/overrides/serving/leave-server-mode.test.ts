import { pbStream } from '@libp2p/utils'
import { describe, expect, test } from 'vitest'
import { dhtMessageCodec } from '../../../../src/kad-dht/dht-message.ts'
import { PROTOCOL } from '../../../conformance/test-network.ts'
import { scriptedPeer } from '../../../libp2p/scripted-peer.ts'
import { BOTH, quietNode } from '../../../libp2p/test-node.ts'

const SIGNAL = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(5_000) })

describe('a server that becomes a client', () => {
  test.each([
    ['kadDHT', true],
    ['scoredKadDHT', false]
  ] as const)('with %s answers those that have kept their streams: %s', async (name, answers) => {
    const { node } = await quietNode(BOTH[name], { clientMode: false })
    const { node: asker } = await scriptedPeer()
    const messages = pbStream(await asker.dialProtocol(node.getMultiaddrs(), PROTOCOL)).pb(dhtMessageCodec)
    const ask = async (): Promise<boolean> => {
      try {
        await messages.write({ type: 'FIND_NODE', key: new Uint8Array(32), closer: [], providers: [] }, SIGNAL())
        await messages.read(SIGNAL())

        return true
      } catch (err) {
        // no answer because it is late would be no sign
        expect(err.name).not.toMatch(/Timeout|Abort/)

        return false
      }
    }

    expect(await ask()).toBe(true)
    await node.services.dht.setMode('client')
    expect(await ask()).toBe(answers)
  })

  test('with scoredKadDHT serves again when it is a server again', async () => {
    const { node } = await quietNode(BOTH.scoredKadDHT, { clientMode: false })
    const { node: asker } = await scriptedPeer()
    await node.services.dht.setMode('client')
    await node.services.dht.setMode('server')
    const messages = pbStream(await asker.dialProtocol(node.getMultiaddrs(), PROTOCOL)).pb(dhtMessageCodec)
    await messages.write({ type: 'PING', closer: [], providers: [] }, SIGNAL())

    expect(await messages.read(SIGNAL())).toMatchObject({ type: 'PING' })
  })
})
