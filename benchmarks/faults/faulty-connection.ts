import { DelayedConnection } from '../testnet/delayed-connection.ts'
import { networkError } from './outage.ts'
import type { Aftermath } from './outage.ts'
import type { DelayedConnectionInit } from '../testnet/delayed-connection.ts'
import type { SendResult } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

export interface FaultyConnectionInit extends DelayedConnectionInit {
  /** Printable peer id */
  peer: string
}

/**
 * A connection over a long link that can be cut and silenced
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
   * Nothing gets through from now on
   */
  silence (): void {
    this.#isHeld = true
    this.hold()
  }

  /**
   * The silence is over; does nothing where there was none
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
   * Break with this error, a little later: whoever is sending just now must not be told by an exception
   */
  cut (code: string): void {
    setImmediate(() => { this.abort(networkError(code, 'read', this.remoteAddr)) })
  }
}
