import { expect, test } from 'vitest'
import { onDialReached } from '../../../src/libp2p/streams/on-dial-reached.ts'
import { componentsOf } from '../components-of.ts'
import { scriptedPeer } from '../scripted-peer.ts'
import { silentPort } from '../silent-port.ts'

test('a dial tells of the first sign of life once, and of all else as before', async () => {
  const { components: { connectionManager } } = await componentsOf()
  const peer = await scriptedPeer()
  const told: string[] = []
  await connectionManager.openConnection(peer.node.getMultiaddrs(), {
    onProgress: onDialReached(() => { told.push('reached') }, ({ type }: { type: string }) => { told.push(type) })
  })

  expect(told.filter(type => type === 'reached')).toHaveLength(1)
  expect(told[told.indexOf('reached') + 1]).toBe('upgrader:encrypt-outbound-connection')
  expect(told.length).toBeGreaterThan(2)
})

test('a port that accepts and says nothing has been reached', async () => {
  const { components: { connectionManager } } = await componentsOf()
  const { address } = await silentPort()
  const reached = Promise.withResolvers<void>()
  const controller = new AbortController()
  const dial = connectionManager.openConnection(address, { signal: controller.signal, onProgress: onDialReached(() => { reached.resolve() }) }).catch(err => err)

  await reached.promise
  controller.abort()
  expect(await dial).toBeInstanceOf(Error)
})
