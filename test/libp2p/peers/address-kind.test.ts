import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { addressKind } from '../../../src/libp2p/peers/address-kind.ts'

const RELAY = '12D3KooWCrFbYJtzbnNvzrRU7EHkYHtBEHX6o3twcJTCPpZrYk8K'

test.each([
  ['/ip4/1.2.3.4/tcp/4001', 'ip4/tcp public'],
  ['/ip4/8.8.8.8/tcp/1', 'ip4/tcp public'],
  ['/ip4/192.168.1.5/tcp/4001', 'ip4/tcp private'],
  ['/ip4/127.0.0.1/tcp/4001', 'ip4/tcp private'],
  ['/ip4/1.2.3.4/udp/4001/quic-v1', 'ip4/udp/quic-v1 public'],
  ['/dns4/example.com/tcp/443/wss', 'dns4/tcp/wss public'],
  [`/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit`, 'ip4/tcp/p2p/p2p-circuit public']
])('%s is of the kind "%s"', (address, kind) => {
  expect(addressKind(multiaddr(address))).toBe(kind)
})
