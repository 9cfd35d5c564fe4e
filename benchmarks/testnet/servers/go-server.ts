import { TESTNET_PROTOCOL } from '../testnet-protocol.ts'
import type { Habits, Server } from './server.ts'
import type { PeerAddress, PeerProgramCommands } from '../../foreign/peer-program.ts'
import type { ChildProcess } from '../../processes/child-process.ts'
import type { TestnetPeer } from '../testnet-peer.ts'
import type { PeerInfo } from '@libp2p/interface'

/**
 * A server of the testnet that is a go-libp2p node with go-libp2p-kad-dht. One program
 * runs all of them.
 */
export class GoServer implements Server {
  readonly #peer: TestnetPeer
  readonly #program: ChildProcess<PeerProgramCommands>
  readonly #k: number
  readonly #name: string
  #table: PeerAddress[] = []
  #isRunning = false

  constructor (peer: TestnetPeer, program: ChildProcess<PeerProgramCommands>, k: number) {
    this.#peer = peer
    this.#program = program
    this.#k = k
    this.#name = peer.id.toString()
  }

  async start (port: number): Promise<void> {
    await this.#program.call('startNode', {
      name: this.#name,
      privateKey: this.#peer.privateKey.raw,
      listen: [`/ip4/127.0.0.1/tcp/${port}`],
      announce: [],
      protocol: TESTNET_PROTOCOL,
      mode: 'server',
      k: this.#k,
      refresh: false,
      provide: 'classic',
      links: []
    })
    this.#isRunning = true
    await this.#fillTable()
  }

  async setHabits ({ slowMs, names }: Habits): Promise<void> {
    await this.#program.call('setHabits', { name: this.#name, habits: { slowMs, names: names?.map(addressOf) } })
  }

  async know (peers: readonly PeerInfo[]): Promise<void> {
    this.#table = peers.map(addressOf)

    if (this.#isRunning) {
      await this.#fillTable()
    }
  }

  async storeValue (key: Uint8Array, value: Uint8Array): Promise<void> {
    await this.#program.call('storeValue', { name: this.#name, key, value })
  }

  async holdsValue (key: Uint8Array): Promise<boolean> {
    return this.#program.call('holdsValue', { name: this.#name, key })
  }

  async storeProvider (multihash: Uint8Array, provider: PeerInfo): Promise<void> {
    await this.#program.call('storeProvider', { name: this.#name, multihash, provider: addressOf(provider) })
  }

  async holdsProvider (multihash: Uint8Array, provider: string): Promise<boolean> {
    return this.#program.call('holdsProvider', { name: this.#name, multihash, provider })
  }

  async stop (): Promise<void> {
    this.#isRunning = false
    await this.#program.call('stopNode', { name: this.#name })
  }

  async #fillTable (): Promise<void> {
    await this.#program.call('know', { name: this.#name, peers: this.#table })
  }
}

function addressOf ({ id, multiaddrs }: PeerInfo): PeerAddress {
  return { id: id.toString(), multiaddrs: multiaddrs.map(String) }
}
