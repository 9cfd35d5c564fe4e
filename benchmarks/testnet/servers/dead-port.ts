import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/**
 * The TCP port of a dead peer on 127.0.0.1. With `stalls` it accepts connections and says
 * nothing. With `refuses` it is closed. With `silent`, it only has to be kept from being
 * given to anybody else: the clients' transport plays the silence and never connects.
 */
export class DeadPort {
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor (server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
  }

  /**
   * @throws {Error} Somebody else has the port. The error's code is `EADDRINUSE`.
   */
  static async open (port: number): Promise<DeadPort> {
    // whatever a stalled peer is sent is thrown away, because unread data would keep its sockets from closing
    const sockets = new Set<Socket>()
    const server = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket)).resume()
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()

    server.once('error', reject).listen(port, '127.0.0.1', resolve)
    await promise

    return new DeadPort(server, sockets)
  }

  /**
   * From now on connections are refused
   */
  async close (): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()

    this.#server.close(() => { resolve() })
    this.#sockets.forEach(socket => socket.destroy())
    await promise
  }
}
