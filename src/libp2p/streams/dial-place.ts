import type { DialPlace } from '../../lookup/dial-bounds.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr'])
const PORTS = new Set(['tcp', 'udp'])

/** Of an IPv6 address the first groups tell the host: it has a whole network to itself */
const IP6_NETWORK_GROUPS = 4

/** Of a name the last labels tell the host: its owner has all names below it */
const DOMAIN_LABELS = 2

/**
 * Where a dial of this address leads. An address with a relay leads to the relay.
 */
export function dialPlace (multiaddr: Multiaddr): DialPlace {
  const components = multiaddr.getComponents()
  const host = components.find(({ name }) => HOSTS.has(name))
  const port = components.find(({ name }) => PORTS.has(name))
  const value = host?.value ?? multiaddr.toString()

  return { host: hostOf(host?.name, value), endpoint: `${value} ${port?.name}/${port?.value}` }
}

function hostOf (name: string | undefined, value: string): string {
  switch (name) {
    case 'ip6':
      return networkOf(value)
    case 'dns':
    case 'dns4':
    case 'dns6':
    case 'dnsaddr':
      return value.toLowerCase().split('.').slice(-DOMAIN_LABELS).join('.')
    default:
      return value
  }
}

function networkOf (ip6: string): string {
  const [head = '', tail] = ip6.toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)

  return `${[...before, ...new Array<string>(zeros).fill('0'), ...after].slice(0, IP6_NETWORK_GROUPS).join(':')}::`
}
