import { once } from 'node:events'
import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { onTestFinished } from 'vitest'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { AddressInfo, Socket } from 'node:net'

/** A TCP port that accepts and then says nothing, and counts who came */
export interface SilentPort {
  address: Multiaddr
  /** Connections accepted so far */
  accepted: number
  /** How many are open now */
  readonly open: number
  /** The most that were open at a time */
  mostOpen: number
}

/**
 * Open such a port until the test is over
 */
export async function silentPort (): Promise<SilentPort> {
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    port.accepted++
    port.mostOpen = Math.max(port.mostOpen, open.size)
    socket.on('error', () => {}).on('close', () => { open.delete(socket) }).resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    open.forEach(socket => { socket.destroy() })
    server.close()
  })

  const port: SilentPort = { address: multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`), accepted: 0, mostOpen: 0, get open () { return open.size } }

  return port
}

/**
 * An address on which nobody listens: a dial is refused at once
 */
export async function refusingAddress (): Promise<Multiaddr> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')

  return multiaddr(`/ip4/127.0.0.1/tcp/${port}`)
}
