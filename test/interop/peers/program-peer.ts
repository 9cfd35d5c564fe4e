import { basename } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { spawnProgram } from '../../../benchmarks/processes/spawn-program.ts'
import type { ForeignAnswer, ForeignPeer, ForeignPeerInit, ForeignTask } from './foreign-peer.ts'
import type { NodeInit, PeerProgramCommands } from '../../../benchmarks/foreign/peer-program.ts'
import type { ChildProcess } from '../../../benchmarks/processes/child-process.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const NAME = 'peer'
const TIMEOUT_MS = 10_000

export interface ProgramPeerInit extends ForeignPeerInit, Partial<Omit<NodeInit, 'name' | 'mode'>> {
  /** Path of the program */
  program: string
  protocol: string
}

/**
 * A peer that a program runs, see PeerProgramCommands. Each has a process of its own.
 */
export class ProgramPeer implements ForeignPeer {
  readonly id: PeerId
  readonly multiaddrs: Multiaddr[]
  readonly #process: ChildProcess<PeerProgramCommands>

  static async start ({ program, ...init }: ProgramPeerInit): Promise<ProgramPeer> {
    const process = spawnProgram<PeerProgramCommands>(program, basename(program))

    try {
      const { raw } = await generateKeyPair('Ed25519')
      const { id, multiaddrs } = await process.call('startNode', {
        listen: ['/ip4/127.0.0.1/tcp/0'],
        announce: [],
        mode: 'server',
        k: 20,
        refresh: true,
        provide: 'classic',
        links: [],
        privateKey: raw,
        ...init,
        name: NAME
      })

      return new ProgramPeer(process, id, multiaddrs)
    } catch (err) {
      await process.kill()
      throw err
    }
  }

  private constructor (process: ChildProcess<PeerProgramCommands>, id: string, multiaddrs: string[]) {
    this.#process = process
    this.id = peerIdFromString(id)
    this.multiaddrs = multiaddrs.map(address => multiaddr(address.endsWith(`/p2p/${id}`) ? address : `${address}/p2p/${id}`))
  }

  async connect (address: Multiaddr): Promise<void> {
    await this.#process.call('connect', { name: NAME, multiaddr: address.toString() })
  }

  async dropConnections (): Promise<void> {
    await this.#process.call('dropConnections', { name: NAME })
  }

  async perform ({ operation, key, value = new Uint8Array(), providers = [] }: ForeignTask, { timeoutMs = TIMEOUT_MS } = {}): Promise<ForeignAnswer> {
    const task = { operation, key, value: operation === 'provide' ? new Uint8Array() : value, providers }
    const performance = await this.#process.call('perform', { name: NAME, task, timeoutMs })

    if (performance.failed) {
      throw new Error(performance.reason ?? `${operation} failed`)
    }

    return {
      found: performance.found,
      value: performance.value === undefined ? undefined : Uint8Array.from(Buffer.from(performance.value, 'base64'))
    }
  }

  async refresh (): Promise<void> {
    await this.#process.call('refresh', { name: NAME })
  }

  async table (): Promise<string[]> {
    return this.#process.call('table', { name: NAME })
  }

  async holdsProvider (multihash: Uint8Array, provider: string): Promise<boolean> {
    return this.#process.call('holdsProvider', { name: NAME, multihash, provider })
  }

  async holdsValue (key: Uint8Array): Promise<boolean> {
    return this.#process.call('holdsValue', { name: NAME, key })
  }

  async stop (): Promise<void> {
    await this.#process.kill()
  }
}
