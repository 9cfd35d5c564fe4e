import { Libp2pRecord } from '@libp2p/record'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { equals } from 'uint8arrays/equals'
import { openWithMessage } from '../../../src/libp2p/streams/open-with-message.ts'
import { RequestStream } from '../../../src/libp2p/streams/request-stream.ts'
import { StreamTurn } from '../../../src/libp2p/streams/stream-turn.ts'
import { TESTNET_PROTOCOL } from '../testnet-protocol.ts'
import { PROVIDER_ADDRESS } from './provider-address.ts'
import type { PeerDescription } from '../testnet-network.ts'
import type { DHTMessage } from '../../../src/kad-dht/dht-message.ts'
import type { Task } from '../../live/run-operation.ts'
import type { AbortOptions, Libp2p } from '@libp2p/interface'

/**
 * Carry an operation out with the knowledge of which live peers are closest to the key.
 * All of them are asked at once. A request is sent together with the name of its
 * protocol, as a scored node does.
 *
 * @param targets - The k live peers closest to the key
 * @returns The same as `runOperation`
 * @throws {Error} None of them had the answer
 */
export async function runOracle (node: Libp2p, { operation, key, value }: Task, targets: PeerDescription[], options: AbortOptions): Promise<string[]> {
  const askAll = (message: Partial<DHTMessage>): Array<Promise<DHTMessage | undefined>> =>
    targets.map(async target => ask(node, target, message, options))

  switch (operation) {
    case 'closest-peers': {
      const answers = await Promise.allSettled(askAll({ type: 'FIND_NODE', key: own(key) }))

      return answers.flatMap(({ status }, i) => status === 'fulfilled' ? [targets[i].id] : [])
    }
    case 'find-peer':
      await first(askAll({ type: 'FIND_NODE', key: own(key) }), ({ closer }) => closer.some(({ id }) => equals(id, key)))
      return []
    case 'find-providers': {
      const { providers } = await first(askAll({ type: 'GET_PROVIDERS', key: own(key) }), ({ providers }) => providers.length > 0)

      return providers.map(({ id }) => peerIdFromMultihash(Digest.decode(id)).toString())
    }
    case 'get-value':
      await first(askAll({ type: 'GET_VALUE', key: own(key) }), ({ record }) => record !== undefined)
      return []
    case 'put-value':
      await Promise.allSettled(askAll({ type: 'PUT_VALUE', key: own(key), record: own(new Libp2pRecord(key, value, new Date()).serialize()) }))
      return []
    case 'provide':
      await Promise.allSettled(askAll({
        type: 'ADD_PROVIDER',
        key: own(key),
        providers: [{ id: own(node.peerId.toMultihash().bytes), multiaddrs: [own(multiaddr(PROVIDER_ADDRESS).bytes)] }]
      }))
      return []
    case 'provide-many':
    case 'put-many':
      throw new Error('The oracle puts one record at a time')
    default:
      return operation satisfies never
  }
}

async function ask (node: Libp2p, target: PeerDescription, message: Partial<DHTMessage>, options: AbortOptions): Promise<DHTMessage | undefined> {
  const connection = await node.dial(multiaddr(`${target.multiaddr}/p2p/${target.id}`), options)
  const stream = new RequestStream({
    open: async (options, bytes) => bytes === undefined
      ? connection.newStream(TESTNET_PROTOCOL, options)
      : openWithMessage(connection, TESTNET_PROTOCOL, bytes, options),
    turn: new StreamTurn(new Map(), target.id),
    onEnd: () => {},
    hasLostConnection: () => false
  })

  try {
    const answer = message.type === 'ADD_PROVIDER' ? await tell(stream, message, options) : await stream.exchange(message, options)

    stream.close(options).catch(err => { stream.abort(err) })

    return answer
  } catch (err) {
    stream.abort(err)
    throw err
  }
}

/** Send a message without an answer, which a provider record is */
async function tell (stream: RequestStream, message: Partial<DHTMessage>, options: AbortOptions): Promise<undefined> {
  await stream.write(message, options)
}

async function first (answers: Array<Promise<DHTMessage | undefined>>, isIt: (answer: DHTMessage) => boolean): Promise<DHTMessage> {
  return Promise.any(answers.map(async pending => {
    const answer = await pending

    if (answer === undefined || !isIt(answer)) {
      throw new Error('Another answer')
    }

    return answer
  }))
}

/** A copy in memory that no other thread shares, because the codec asks for that */
function own (bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}
