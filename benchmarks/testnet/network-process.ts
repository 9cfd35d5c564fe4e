import { serveCommands } from '../processes/serve-commands.ts'
import { createServers } from './servers/create-servers.ts'
import { TestnetNetwork } from './testnet-network.ts'
import type { TestnetOptions } from './testnet-options.ts'
import type { PeerDescription, Period } from './testnet-network.ts'

let network: TestnetNetwork | undefined

/**
 * The commands of the process that runs all servers
 */
const commands = {
  async start (options: TestnetOptions): Promise<PeerDescription[]> {
    network = await TestnetNetwork.start(options, createServers(options))

    return network.describe()
  },

  async redraw (): Promise<PeerDescription[]> {
    await running().redraw()

    return running().describe()
  },

  async placeValue ({ key, value }: { key: Uint8Array, value: Uint8Array }): Promise<void> {
    await running().placeValue(key, value)
  },

  async placeProviders ({ multihash }: { multihash: Uint8Array }): Promise<string[]> {
    return running().placeProviders(multihash)
  },

  closestAlive ({ key, period }: { key: Uint8Array, period: Period }): string[] {
    return running().closestAlive(key, period)
  },

  async shareHoldingValue ({ key, period }: { key: Uint8Array, period: Period }): Promise<number> {
    return running().shareHoldingValue(key, period)
  },

  async shareHoldingProvider ({ multihash, provider, period }: { multihash: Uint8Array, provider: string, period: Period }): Promise<number> {
    return running().shareHoldingProvider(multihash, provider, period)
  }
}

export type NetworkCommands = typeof commands

serveCommands(commands)

function running (): TestnetNetwork {
  if (network === undefined) {
    throw new Error('the network was not started')
  }

  return network
}
