import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What happens to silent connections once the silence is over. `delivered`: what was sent
 * meanwhile arrives late. `reset`: they are reset at once. `resetOnUse`: they are reset
 * when they are used next, as by a router that has forgotten them.
 */
export type Aftermath = 'delivered' | 'reset' | 'resetOnUse'

/**
 * A failure of our own network or our own machine. It affects all peers.
 */
export interface Outage {
  /** What happens to the connections that are open */
  connections: { type: 'abort', code: string } | { type: 'silent', then: Aftermath } | { type: 'stay' }
  /** What happens to dials until the outage ends */
  dials: { type: 'fail', code: string, afterMs: number } | { type: 'hang' }
}

/**
 * The outages that are tested
 */
export const OUTAGES = {
  'interface down, dials ENETUNREACH': aborting('ENETUNREACH', 'ETIMEDOUT'),
  'interface down, dials ENETDOWN': aborting('ENETDOWN', 'ENETDOWN'),
  'interface down, dials EHOSTUNREACH': aborting('EHOSTUNREACH', 'EHOSTUNREACH'),
  'interface down, dials EHOSTUNREACH after 300 ms': aborting('EHOSTUNREACH', 'EHOSTUNREACH', 300),
  'interface down, dials EADDRNOTAVAIL': aborting('EADDRNOTAVAIL', 'ECONNABORTED'),
  'interface down, dials EAI_AGAIN': aborting('EAI_AGAIN', 'ECONNRESET'),
  'connections reset, dials hang': { connections: { type: 'abort', code: 'ECONNRESET' }, dials: { type: 'hang' } },
  'silence, delivered late': { connections: { type: 'silent', then: 'delivered' }, dials: { type: 'hang' } },
  'silence, then reset': { connections: { type: 'silent', then: 'reset' }, dials: { type: 'hang' } },
  'silence, then reset at the next use': { connections: { type: 'silent', then: 'resetOnUse' }, dials: { type: 'hang' } },
  'connections silent, dials ENETUNREACH': { connections: { type: 'silent', then: 'delivered' }, dials: { type: 'fail', code: 'ENETUNREACH', afterMs: 0 } },
  'connections stay, dials EADDRNOTAVAIL': { connections: { type: 'stay' }, dials: { type: 'fail', code: 'EADDRNOTAVAIL', afterMs: 0 } }
} satisfies Record<string, Outage>

export type OutageName = keyof typeof OUTAGES

/**
 * An error of the same form as those of Node's sockets
 *
 * @param call - Which call failed: `connect`, `read`
 */
export function networkError (code: string, call: string, ma: Multiaddr): NodeJS.ErrnoException {
  const message = code.startsWith('EAI_') ? `getaddrinfo ${code}` : `${call} ${code} ${ma.toString()}`

  return Object.assign(new Error(message), { code, syscall: code.startsWith('EAI_') ? 'getaddrinfo' : call })
}

function aborting (dialCode: string, connectionCode: string, afterMs: number = 0): Outage {
  return { connections: { type: 'abort', code: connectionCode }, dials: { type: 'fail', code: dialCode, afterMs } }
}
