import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'

/**
 * The TCP port of a dead peer on 127.0.0.1. `stalls` accepts connections and says
 * nothing. `refuses` is a closed port. `silent` is a matter of the clients'
 * transport, which never gets as far as connecting; the port is only kept from
 * being given to anybody else.
 */
export class DeadPort {
  readonly #server: Server

  private constructor (server: Server) {
    this.#server = server
  }

  /**
   * @param port - 0 for any free one
   */
  static async open (port: number): Promise<DeadPort> {
    // what stalled peers are sent is thrown away, unread data would keep their sockets from closing
    const server = createServer(socket => socket.on('error', () => {}).resume())
    const { promise, resolve, reject } = Promise.withResolvers<void>()

    server.once('error', reject).listen(port, '127.0.0.1', resolve)
    await promise

    return new DeadPort(server)
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  /**
   * From now on connections are refused
   */
  close (): void {
    this.#server.close()
  }
}
