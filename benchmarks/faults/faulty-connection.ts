import { DelayedConnection } from '../testnet/links/delayed-connection.ts'
import { networkError } from './outage.ts'
import type { Aftermath } from './outage.ts'
import type { DelayedConnectionInit } from '../testnet/links/delayed-connection.ts'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface FaultyConnectionInit extends DelayedConnectionInit {
  /** Printable peer id */
  peer: string
}

/**
 * A connection over a long link. It can be cut and silenced.
 */
export class FaultyConnection extends DelayedConnection {
  readonly peer: string
  #isHeld = false
  #isForgotten = false
  #unsent = false

  constructor ({ peer, ...init }: FaultyConnectionInit) {
    super(init)
    this.peer = peer
  }

  override sendData (data: Uint8ArrayList): SendResult {
    if (this.#isForgotten) {
      this.cut('ECONNRESET')
    }

    this.#unsent ||= this.#isHeld

    return super.sendData(data)
  }

  /**
   * From now on, nothing gets through
   */
  silence (): void {
    this.#isHeld = true
    this.hold()
  }

  /**
   * End the silence, if there is one
   */
  unsilence (then: Aftermath): void {
    if (!this.#isHeld) {
      return
    }

    this.#isHeld = false

    if (then === 'delivered') {
      this.release()
    } else if (then === 'reset' || this.#unsent) {
      this.cut('ECONNRESET')
    } else {
      this.#isForgotten = true
      this.release()
    }

    this.#unsent = false
  }

  /**
   * Break the connection with an error, a little later. If it broke at once, code that is
   * sending just now would get an exception.
   */
  cut (code: string): void {
    setImmediate(() => { this.abort(networkError(code, 'read', this.remoteAddr)) })
  }
}
