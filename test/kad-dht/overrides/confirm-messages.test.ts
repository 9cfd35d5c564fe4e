import { expect, test } from 'vitest'
import { confirmMessages } from '../../../src/kad-dht/overrides/confirm-messages.ts'
import { RequestContexts } from '../../../src/libp2p/lookup/request-context.ts'
import { PROTOCOL } from '../../conformance/test-network.ts'
import { scriptedPeer } from '../../libp2p/scripted-peer.ts'
import { BOTH, quietNode } from '../../libp2p/test-node.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'

const RECORD: Partial<DHTMessage> = { type: 'ADD_PROVIDER', key: Uint8Array.of(1) }

test.each([
  [false, ['ADD_PROVIDER'], undefined],
  [true, ['ADD_PROVIDER', 'GET_PROVIDERS'], 'GET_PROVIDERS']
])('with a question in its context (%s) a message is followed by it, and the answer is told', async (asks, expected, answered) => {
  const read = Promise.withResolvers<void>()
  const peer = await scriptedPeer({
    script: ({ type }) => {
      if (type === expected.at(-1)) {
        read.resolve()
      }

      return type === 'ADD_PROVIDER' ? undefined : {}
    }
  })
  const { node } = await quietNode(BOTH.kadDHT)
  const contexts = new RequestContexts()
  const signal = AbortSignal.timeout(5_000)
  let answer: DHTMessage | undefined

  if (asks) {
    contexts.set(signal, { hardDeadlineMs: 1, dialPriority: 50, onReached: () => {}, onHeld: () => {}, onSettled: () => {}, confirmation: { question: { type: 'GET_PROVIDERS', key: Uint8Array.of(1) }, onAnswer: given => { answer = given } } })
  }

  const write = confirmMessages(async () => { throw new Error('not to be called') }, { contexts })
  await write(await node.dialProtocol(peer.node.getMultiaddrs(), PROTOCOL), RECORD, { signal })
  await read.promise

  expect(peer.requests.map(({ type }) => type)).toEqual(expected)
  expect(peer.streams).toBe(1)
  expect(answer?.type).toBe(answered)
})
