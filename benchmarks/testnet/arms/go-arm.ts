import { peerIdFromString } from '@libp2p/peer-id'
import { linkRtt } from '../links/link-rtt.ts'
import { isServer } from '../peer-states.ts'
import { testnetPeer } from '../testnet-peer.ts'
import { TESTNET_PROTOCOL } from '../testnet-protocol.ts'
import { PROVIDER_ADDRESS } from './provider-address.ts'
import type { ArmClient } from './arm-client.ts'
import type { Performance } from './arm-process.ts'
import type { GoArm as GoArmName } from './testnet-arms.ts'
import type { PeerProgramCommands } from '../../foreign/peer-program.ts'
import type { Task } from '../../live/run-operation.ts'
import type { ChildProcess } from '../../processes/child-process.ts'
import type { PeerDescription } from '../testnet-network.ts'
import type { TestnetOptions } from '../testnet-options.ts'

/** The client's name in its program, which runs no other node */
const NAME = 'client'

/**
 * The client of an arm that is a Go node. Its links are as long as those of the other
 * arms, and the same peers are silent.
 */
export class GoArm implements ArmClient {
  readonly #program: ChildProcess<PeerProgramCommands>
  readonly #arm: GoArmName
  readonly #options: TestnetOptions

  constructor (program: ChildProcess<PeerProgramCommands>, arm: GoArmName, options: TestnetOptions) {
    this.#program = program
    this.#arm = arm
    this.#options = options
  }

  async start (peers: PeerDescription[]): Promise<string> {
    const { seed, k, bootstrapPeers } = this.#options
    const { privateKey } = await testnetPeer(seed, this.#arm)
    const { id } = await this.#program.call('startNode', {
      name: NAME,
      privateKey: privateKey.raw,
      listen: [],
      announce: [PROVIDER_ADDRESS],
      protocol: TESTNET_PROTOCOL,
      mode: 'client',
      k,
      refresh: true,
      provide: this.#arm === 'go-optimistic' ? 'optimistic' : 'classic',
      links: peers.map(({ id, state }) => ({ peer: id, rttMs: linkRtt(id, this.#options), silent: state === 'silent', dead: !isServer(state) }))
    })

    await Promise.all(peers.slice(0, bootstrapPeers).map(async ({ id, multiaddr }) => this.#program.call('connect', { name: NAME, multiaddr: `${multiaddr}/p2p/${id}` })))
    // kad-dht looks its own id up before its first operation, and so does this one. Its first refresh goes on meanwhile.
    await this.perform({ operation: 'closest-peers', key: peerIdFromString(id).toMultihash().bytes, value: new Uint8Array(), providers: [] })

    return id
  }

  async perform ({ operation, key, value, providers }: Task): Promise<Performance> {
    const { timeoutMs } = this.#options

    return { ...await this.#program.call('perform', { name: NAME, task: { operation, key, value, providers }, timeoutMs }), trace: [] }
  }

  async scores (): Promise<Record<string, number>> {
    return {}
  }

  async stop (): Promise<void> {
    await this.#program.call('stopNode', { name: NAME })
    await this.#program.kill()
  }
}
