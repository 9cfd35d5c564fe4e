import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { onTestFinished } from 'vitest'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AddressInfo, Socket } from 'node:net'

/**
 * A TCP port that accepts at once and passes on what comes, as late as one way to a peer far
 * behind it takes. It is there until the test is over.
 *
 * @param peer - Where the peer listens
 * @param oneWayMs - Delay of all data, in each direction
 */
export async function farBehind (peer: Multiaddr, oneWayMs: number): Promise<Multiaddr> {
  const open = new Set<Socket>()
  const port = Number(peer.getComponents().find(({ name }) => name === 'tcp')?.value)
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1')

    for (const [from, to] of [[near, far], [far, near]]) {
      open.add(from)
      from.setNoDelay(true).on('error', () => {}).on('close', () => { to.destroy() })
      from.on('data', data => { setTimeout(() => { to.writable && to.write(data) }, oneWayMs) })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    open.forEach(socket => { socket.destroy() })
    server.close()
  })

  return multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`)
}
