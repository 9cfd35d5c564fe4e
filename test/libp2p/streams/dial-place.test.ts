import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { dialPlace } from '../../../src/libp2p/streams/dial-place.ts'

const RELAY = '12D3KooWCrFbYJtzbnNvzrRU7EHkYHtBEHX6o3twcJTCPpZrYk8K'

describe('dialPlace', () => {
  test.each([
    ['ports of one host', '/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/2', { host: true, endpoint: false }],
    ['transports of one port', '/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.4/tcp/1/ws', { host: true, endpoint: true }],
    ['a relay and what is behind it', '/ip4/1.2.3.4/tcp/1', `/ip4/1.2.3.4/tcp/1/p2p/${RELAY}/p2p-circuit`, { host: true, endpoint: true }],
    ['hosts', '/ip4/1.2.3.4/tcp/1', '/ip4/1.2.3.5/tcp/1', { host: false, endpoint: false }],
    ['addresses of one IPv6 network', '/ip6/2001:db8:1:2::1/tcp/1', '/ip6/2001:db8:1:2:3:4:5:6/tcp/1', { host: true, endpoint: false }],
    ['IPv6 networks', '/ip6/2001:db8:1:2::1/tcp/1', '/ip6/2001:db8:1:3::1/tcp/1', { host: false, endpoint: false }],
    ['short IPv6 networks', '/ip6/::1/tcp/1', '/ip6/::2/tcp/1', { host: true, endpoint: false }],
    ['names of one domain', '/dns4/a.example.com/tcp/1', '/dnsaddr/b.EXAMPLE.com', { host: true, endpoint: false }],
    ['domains', '/dns4/a.example.com/tcp/1', '/dns4/a.example.org/tcp/1', { host: false, endpoint: false }]
  ])('of two %s', (_, one, other, same) => {
    const [first, second] = [one, other].map(address => dialPlace(multiaddr(address)))

    expect({ host: first.host === second.host, endpoint: first.endpoint === second.endpoint }).toEqual(same)
  })
})
