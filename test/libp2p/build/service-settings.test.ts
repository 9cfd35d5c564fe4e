import { passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { describe, expect, test } from 'vitest'
import { serviceSettings } from '../../../src/libp2p/build/service-settings.ts'
import { systemClock } from '../../../src/libp2p/clock.ts'
import { validateScoringInit } from '../../../src/libp2p/scoring-options.ts'
import { validatePublishingInit } from '../../../src/libp2p/publish/publishing-options.ts'
import { componentsOf } from '../components-of.ts'
import type { ServiceSettings } from '../../../src/libp2p/build/service-settings.ts'
import type { ScoringInit } from '../../../src/libp2p/scoring-init.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'

async function settings (kadInit: KadDHTInit = {}, scoring: ScoringInit = {}): Promise<ServiceSettings> {
  return serviceSettings((await componentsOf({ start: false })).components, kadInit, validateScoringInit(scoring, kadInit), validatePublishingInit({}, 20), systemClock())
}

describe('the settings of the service', () => {
  test('are kad-dht\'s defaults where nothing is said', async () => {
    expect(await settings()).toMatchObject({
      protocol: '/ipfs/kad/1.0.0',
      logPrefix: 'libp2p:kad-dht',
      metricsPrefix: 'libp2p_kad_dht',
      datastorePrefix: undefined,
      peerInfoMapper: removePrivateAddressesMapper,
      timeouts: { minMs: 5_000, maxMs: 60_000 },
      pingTimeoutMs: 4_500,
      introductionTimeoutMs: 10_000
    })
  })

  test('are kad-dht\'s options where they are given', async () => {
    expect(await settings({
      protocol: '/my/kad',
      logPrefix: 'my:dht',
      metricsPrefix: 'my_dht',
      datastorePrefix: '/my',
      peerInfoMapper: passthroughMapper,
      networkDialTimeout: { minTimeout: 100, maxTimeout: 200 },
      onPeerConnectTimeout: 300
    })).toMatchObject({
      protocol: '/my/kad',
      logPrefix: 'my:dht',
      metricsPrefix: 'my_dht',
      datastorePrefix: '/my',
      peerInfoMapper: passthroughMapper,
      timeouts: { minMs: 100, maxMs: 200 },
      introductionTimeoutMs: 300
    })
  })

  test.each<[KadDHTInit, number]>([
    [{ pingNewContactTimeout: { minTimeout: 1_000 } }, 900],
    [{ pingOldContactTimeout: { minTimeout: 200 } }, 180],
    [{ pingNewContactTimeout: { minTimeout: 400 }, pingOldContactTimeout: { minTimeout: 300 } }, 270]
  ])('have a ping\'s time pass before the shorter of kad-dht\'s: %o', async (kadInit, pingTimeoutMs) => {
    expect((await settings(kadInit)).pingTimeoutMs).toBe(pingTimeoutMs)
  })

  test('hand the user\'s numbers on to the upkeep', async () => {
    expect((await settings({}, { flushIntervalMs: 5_000, warmStartDials: 3, keepAlivePeers: 4 })).upkeep).toMatchObject({ roundMs: 5_000, warmStartDials: 3, keepAlivePeers: 4 })
  })
})
