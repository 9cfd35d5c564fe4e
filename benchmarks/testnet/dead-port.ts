import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'

/**
 * The TCP port of a dead peer on 127.0.0.1. `stalls` accepts connections and says
 * nothing. `refuses` is a closed port. `silent` is a matter of the clients'
 * transport, which never gets as far as connecting; the port is only kept from
 * being given to anybody else.
 */
export class DeadPort {
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor (server: Server, sockets: Set<Socket>) {
    this.#server = server
    this.#sockets = sockets
  }

  /**
   * @throws {Error} With code `EADDRINUSE`, when somebody else has the port
   */
  static async open (port: number): Promise<DeadPort> {
    // what stalled peers are sent is thrown away, unread data would keep their sockets from closing
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
