import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, test } from 'vitest'
import { dhtMessageCodec } from '../../src/kad-dht/dht-message.ts'
import type { DHTMessage, DHTMessagePeer } from '../../src/kad-dht/dht-message.ts'

type Bytes = Uint8Array<ArrayBuffer>

const bytes = fc.uint8Array({ maxLength: 40 }).map(array => new Uint8Array(array))

const peer: fc.Arbitrary<DHTMessagePeer> = fc.record({
  id: bytes,
  multiaddrs: fc.array(bytes, { maxLength: 3 }),
  connection: fc.constantFrom('NOT_CONNECTED' as const, 'CONNECTED' as const, 'CAN_CONNECT' as const, 'CANNOT_CONNECT' as const)
}, { requiredKeys: ['id', 'multiaddrs'] })

const message: fc.Arbitrary<DHTMessage> = fc.record({
  type: fc.constantFrom('PUT_VALUE' as const, 'GET_VALUE' as const, 'ADD_PROVIDER' as const, 'GET_PROVIDERS' as const, 'FIND_NODE' as const, 'PING' as const),
  key: bytes,
  record: bytes,
  closer: fc.array(peer, { maxLength: 3 }),
  providers: fc.array(peer, { maxLength: 3 }),
  clusterLevel: fc.nat(2 ** 31 - 1)
}, { requiredKeys: ['type', 'closer', 'providers'] })

/** kad-dht's own codec, which it does not export */
const { Message: stockCodec }: { Message: { encode (message: Partial<DHTMessage>): Uint8Array } } = await import(new URL('../../node_modules/@libp2p/kad-dht/dist/src/message/dht.js', import.meta.url).href)

function hex (text: string): Bytes {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

describe('a DHT message', () => {
  test('is read as it was written, in one piece or in several', () => {
    fc.assert(fc.property(message, fc.nat(100), (written, at) => {
      const encoded = dhtMessageCodec.encode(written)

      expect(dhtMessageCodec.decode(encoded)).toEqual(written)
      expect(dhtMessageCodec.decode(new Uint8ArrayList(encoded.subarray(0, at), encoded.subarray(at)))).toEqual(written)
    }))
  })

  test('is written as kad-dht writes it, byte for byte', () => {
    fc.assert(fc.property(message, written => {
      expect(dhtMessageCodec.encode(written)).toEqual(stockCodec.encode(written))
    }))
  })

  test.each<[string, Partial<DHTMessage>, string]>([
    ['a ping', { type: 'PING' }, '08 05'],
    ['a request for peers', { type: 'FIND_NODE', key: hex('0a0b') }, '08 04 12 02 0a0b'],
    ['an answer', { type: 'FIND_NODE', closer: [{ id: hex('01'), multiaddrs: [hex('0203')], connection: 'CONNECTED' }] }, '08 04 42 09 0a 01 01 12 02 0203 18 01'],
    ['a provider', { type: 'ADD_PROVIDER', key: hex('0a'), providers: [{ id: hex('01'), multiaddrs: [] }] }, '08 02 12 01 0a 4a 03 0a 01 01'],
    ['a cluster level', { type: 'PUT_VALUE', key: hex('0a'), clusterLevel: 7 }, '50 07 12 01 0a']
  ])('is on the wire as the specification has it: %s', (_, written, wire) => {
    expect(dhtMessageCodec.encode(written)).toEqual(hex(wire))
  })

  test('may have fields that are not known, which are skipped', () => {
    expect(dhtMessageCodec.decode(hex('08 05 9a 06 02 ff ff'))).toEqual({ type: 'PING', closer: [], providers: [] })
  })

  test('without a type is of the first one', () => {
    expect(dhtMessageCodec.decode(hex('12 01 0a')).type).toBe('PUT_VALUE')
  })

  test('names a peer whatever its connection is', () => {
    expect(dhtMessageCodec.decode(hex('08 04 42 05 0a 01 01 18 63')).closer).toEqual([{ id: hex('01'), multiaddrs: [] }])
  })

  test.each([
    ['of an unknown type', '08 63', 'Unknown message type 99'],
    ['that ends within a field', '08 04 12 09 0a', 'index out of range']
  ])('%s can not be read', (_, wire, error) => {
    expect(() => dhtMessageCodec.decode(hex(wire))).toThrow(error)
  })
})
