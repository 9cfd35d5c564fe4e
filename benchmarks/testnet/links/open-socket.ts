import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Socket } from 'node:net'

/**
 * Connect over TCP as if the peer were far away
 *
 * @param rttMs - Round trip time of the link, ms
 */
export async function openSocket (ma: Multiaddr, rttMs: number, signal: AbortSignal): Promise<Socket> {
  await delay(rttMs / 2, undefined, { signal })

  const socket = connect({ host: componentOf(ma, 'ip4'), port: Number(componentOf(ma, 'tcp')), noDelay: true })
  let failure: Error | undefined

  // the connection may be reset while nothing waits for it
  socket.on('error', err => { failure = err })

  try {
    // the answer to a dial, a refusal too, takes the other half of the round trip
    await once(socket, 'connect', { signal }).finally(async () => delay(rttMs / 2, undefined, { signal }))

    if (failure !== undefined) {
      throw failure
    }

    return socket
  } catch (err) {
    socket.destroy()
    throw err
  }
}

/**
 * The value of the last component with this name
 */
export function componentOf (ma: Multiaddr, name: string): string | undefined {
  return ma.getComponents().findLast(component => component.name === name)?.value
}
