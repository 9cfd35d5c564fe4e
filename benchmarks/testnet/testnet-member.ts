import { multiaddr } from '@multiformats/multiaddr'
import { DeadPort } from './servers/dead-port.ts'
import { isServer } from './peer-states.ts'
import { reservePort } from './servers/reserve-port.ts'
import type { PeerState } from './peer-states.ts'
import type { TestnetPeer } from './testnet-peer.ts'
import type { Server } from './servers/server.ts'
import type { Random } from '../random/random.ts'
import type { PeerInfo } from '@libp2p/interface'

/** How late a slow peer answers, ms */
const SLOW_MS = { min: 2000, max: 4000 }

/** For how long a peer that flaps is on, and then off, ms. Both happen within one run, and several operations fit into each time. */
const ON_MS = { min: 15_000, max: 45_000 }
const OFF_MS = { min: 5_000, max: 15_000 }

/**
 * A peer of the network in any state. Its address stays the same when its state changes.
 */
export class TestnetMember {
  readonly peer: TestnetPeer
  readonly server: Server
  readonly #random: Random
  #state: PeerState | undefined
  #port = 0
  #deadPort: DeadPort | undefined
  #flapping: NodeJS.Timeout | undefined
  #up: { from: number, until: number } | undefined

  /**
   * @param random - Uniform in [0, 1)
   */
  constructor (peer: TestnetPeer, server: Server, random: Random) {
    this.peer = peer
    this.server = server
    this.#random = random
  }

  get state (): PeerState | undefined {
    return this.#state
  }

  /** The peer's id and address. They are known once the peer has been in any state. */
  get info (): PeerInfo {
    return { id: this.peer.id, multiaddrs: [multiaddr(`/ip4/127.0.0.1/tcp/${this.#port}`)] }
  }

  /**
   * Whether the peer could answer during all of a period that has just passed
   *
   * @param from - Its start, ms since the epoch
   * @param to - Its end, ms since the epoch
   */
  wasUp (from: number, to: number): boolean {
    return this.#up !== undefined && this.#up.from <= from && this.#up.until >= to
  }

  /**
   * Change the state of the peer
   */
  async become (state: PeerState): Promise<void> {
    if (state === this.#state) {
      return
    }

    await this.stop()
    this.#state = state
    this.#port ||= await reservePort()

    if (isServer(state)) {
      await this.#goUp()

      if (state === 'flaps') {
        this.#flapAfter(ON_MS)
      }
    } else {
      this.#deadPort = await DeadPort.open(this.#port)

      if (state === 'refuses') {
        await this.#deadPort.close()
      }
    }
  }

  async stop (): Promise<void> {
    clearTimeout(this.#flapping)
    await this.#deadPort?.close()
    this.#deadPort = undefined
    this.#state = undefined
    await this.#goDown()
  }

  async #goUp (): Promise<void> {
    await this.server.start(this.#port)

    if (this.#state === 'slow') {
      await this.server.setHabits({ slowMs: SLOW_MS })
    }

    this.#up = { from: Date.now(), until: Infinity }
  }

  async #goDown (): Promise<void> {
    if (this.#up?.until === Infinity) {
      this.#up.until = Date.now()
      await this.server.stop()
    }
  }

  #flapAfter (range: typeof ON_MS): void {
    this.#flapping = setTimeout(() => {
      const isUp = this.#up?.until === Infinity

      ;(isUp ? this.#goDown() : this.#goUp()).then(() => {
        if (this.#state === 'flaps') {
          this.#flapAfter(isUp ? OFF_MS : ON_MS)
        }
      }, err => {
        // this ends the process, and the parent process reports the reason
        throw err
      })
    }, between(range, this.#random))
  }
}

function between ({ min, max }: { min: number, max: number }, random: Random): number {
  return min + random() * (max - min)
}
