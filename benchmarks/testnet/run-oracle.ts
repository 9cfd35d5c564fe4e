import { Libp2pRecord } from '@libp2p/record'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import * as Digest from 'multiformats/hashes/digest'
import { equals } from 'uint8arrays/equals'
import { dhtMessageCodec } from '../../src/kad-dht/dht-message.ts'
import { TESTNET_PROTOCOL } from './testnet-protocol.ts'
import type { PeerDescription } from './testnet-network.ts'
import type { DHTMessage } from '../../src/kad-dht/dht-message.ts'
import type { Task } from '../live/run-operation.ts'
import type { AbortOptions, Libp2p } from '@libp2p/interface'

/** Where a provider says it is; nobody dials it */
const PROVIDER_ADDRESS = multiaddr('/ip4/192.0.2.1/tcp/4001')

/**
 * Carry an operation out as somebody would who knows which live peers are closest
 * to the key: all of them are asked at once.
 *
 * @param targets - The k live peers closest to the key
 * @returns As `runOperation` does
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
      await first(askAll({ type: 'GET_VALUE', key: own(key) }), ({ record }) => record != null)
      return []
    case 'put-value':
      await Promise.allSettled(askAll({ type: 'PUT_VALUE', key: own(key), record: own(new Libp2pRecord(key, value, new Date()).serialize()) }))
      return []
    case 'provide':
      await Promise.allSettled(askAll({
        type: 'ADD_PROVIDER',
        key: own(key),
        providers: [{ id: own(node.peerId.toMultihash().bytes), multiaddrs: [own(PROVIDER_ADDRESS.bytes)] }]
      }))
      return []
    default:
      return operation satisfies never
  }
}

async function ask (node: Libp2p, target: PeerDescription, message: Partial<DHTMessage>, options: AbortOptions): Promise<DHTMessage | undefined> {
  const stream = await node.dialProtocol(multiaddr(`${target.multiaddr}/p2p/${target.id}`), TESTNET_PROTOCOL, options)

  try {
    const messages = lpStream(stream)

    await messages.write(dhtMessageCodec.encode(message), options)

    // nobody answers to a provider record
    const answer = message.type === 'ADD_PROVIDER' ? undefined : dhtMessageCodec.decode(await messages.read(options))

    stream.close(options).catch(err => { stream.abort(err) })

    return answer
  } catch (err) {
    stream.abort(err)
    throw err
  }
}

async function first (answers: Array<Promise<DHTMessage | undefined>>, isIt: (answer: DHTMessage) => boolean): Promise<DHTMessage> {
  return Promise.any(answers.map(async pending => {
    const answer = await pending

    if (answer == null || !isIt(answer)) {
      throw new Error('Another answer')
    }

    return answer
  }))
}

/** The codec wants bytes that no other thread shares */
function own (bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}
