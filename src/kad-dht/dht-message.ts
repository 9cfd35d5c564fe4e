import { reader as createReader, writer as createWriter } from 'protons-runtime'
import type { Reader, Writer } from 'protons-runtime'
import type { Uint8ArrayList } from 'uint8arraylist'

// field numbers and enum values of the wire format: https://github.com/libp2p/specs/tree/master/kad-dht#rpc-messages
const TYPES = ['PUT_VALUE', 'GET_VALUE', 'ADD_PROVIDER', 'GET_PROVIDERS', 'FIND_NODE', 'PING'] as const
const CONNECTIONS = ['NOT_CONNECTED', 'CONNECTED', 'CAN_CONNECT', 'CANNOT_CONNECT'] as const
/** proto3 does not write the first value of an enum */
const DEFAULT_TYPE = TYPES[0]
const VARINT = 0
const BYTES = 2

/**
 * A peer as a DHT message names it. Nothing in it has been checked.
 */
export interface DHTMessagePeer {
  /** The peer id's multihash bytes */
  id: Uint8Array<ArrayBuffer>
  multiaddrs: Uint8Array<ArrayBuffer>[]
  connection?: typeof CONNECTIONS[number]
}

/**
 * A DHT request or response
 */
export interface DHTMessage {
  type: typeof TYPES[number]
  key?: Uint8Array<ArrayBuffer>
  record?: Uint8Array<ArrayBuffer>
  closer: DHTMessagePeer[]
  providers: DHTMessagePeer[]
  clusterLevel?: number
}

/**
 * Encodes and decodes DHT messages. kad-dht has the same codec, byte for byte, but does not
 * export it. Its own reader of responses also gives up the whole response for one bad entry.
 */
export const dhtMessageCodec = {
  encode (message: Partial<DHTMessage>): Uint8Array<ArrayBuffer> {
    const w = createWriter()

    if (message.type !== undefined && message.type !== DEFAULT_TYPE) {
      w.uint32(1 << 3 | VARINT)
      w.int32(TYPES.indexOf(message.type))
    }

    if (message.clusterLevel !== undefined) {
      w.uint32(10 << 3 | VARINT)
      w.int32(message.clusterLevel)
    }

    writeBytes(w, 2, message.key)
    writeBytes(w, 3, message.record)
    message.closer?.forEach(peer => { writePeer(w, 8, peer) })
    message.providers?.forEach(peer => { writePeer(w, 9, peer) })

    return w.finish()
  },

  /**
   * @throws {RangeError} The bytes end within a field
   * @throws {Error} The message type is unknown
   */
  decode (bytes: Uint8Array | Uint8ArrayList): DHTMessage {
    const r = createReader(bytes)
    const message: DHTMessage = { type: DEFAULT_TYPE, closer: [], providers: [] }

    while (r.pos < r.len) {
      const tag = r.uint32()

      switch (tag >>> 3) {
        case 1:
          message.type = named(TYPES, r.int32(), 'message type')
          break
        case 2:
          message.key = r.bytes()
          break
        case 3:
          message.record = r.bytes()
          break
        case 8:
          message.closer.push(readPeer(r))
          break
        case 9:
          message.providers.push(readPeer(r))
          break
        case 10:
          message.clusterLevel = r.int32()
          break
        default:
          r.skipType(tag & 7)
      }
    }

    return message
  }
}

function writeBytes (w: Writer, field: number, value: Uint8Array<ArrayBuffer> | undefined): void {
  if (value !== undefined) {
    w.uint32(field << 3 | BYTES)
    w.bytes(value)
  }
}

function writePeer (w: Writer, field: number, peer: DHTMessagePeer): void {
  w.uint32(field << 3 | BYTES)
  w.fork()
  writeBytes(w, 1, peer.id.byteLength === 0 ? undefined : peer.id)
  peer.multiaddrs.forEach(multiaddr => { writeBytes(w, 2, multiaddr) })

  if (peer.connection !== undefined) {
    w.uint32(3 << 3 | VARINT)
    w.int32(CONNECTIONS.indexOf(peer.connection))
  }

  w.ldelim()
}

function readPeer (r: Reader): DHTMessagePeer {
  const peer: DHTMessagePeer = { id: new Uint8Array(0), multiaddrs: [] }
  const end = r.uint32() + r.pos

  while (r.pos < end) {
    const tag = r.uint32()

    switch (tag >>> 3) {
      case 1:
        peer.id = r.bytes()
        break
      case 2:
        peer.multiaddrs.push(r.bytes())
        break
      case 3: {
        // a peer with an unknown connection type is kept, as later versions may have more types
        const connection = CONNECTIONS[r.int32()]

        if (connection !== undefined) {
          peer.connection = connection
        }

        break
      }
      default:
        r.skipType(tag & 7)
    }
  }

  return peer
}

function named<T> (names: readonly T[], value: number, what: string): T {
  const name = names[value]

  if (name === undefined) {
    throw new Error(`Unknown ${what} ${value}`)
  }

  return name
}
