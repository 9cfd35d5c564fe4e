import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { FaultServers } from '../../benchmarks/faults/fault-servers.ts'
import { OUTAGES } from '../../benchmarks/faults/outage.ts'
import { forkModule } from '../../benchmarks/processes/fork-module.ts'
import { UNHURRIED, recallOf } from './faulty-network.ts'
import type { FaultClientCommands } from '../../benchmarks/faults/fault-client-process.ts'

const CLIENT = new URL('../../benchmarks/faults/fault-client-process.ts', import.meta.url)

const PEERS = 20
const SUSPENDED_MS = 5_000

/** For lookups to be under way when the process is stopped, ms */
const UNDER_WAY_MS = 300

const ALL_GOOD = { good: PEERS, neutral: 0, unacceptable: 0 }

describe('a process that is suspended holds no peer for worse when it goes on, and finds all:', () => {
  test.each([
    { how: 'nothing else happened', inFlight: 20, dropsConnections: false, offlineMs: 0 },
    { how: 'all its connections were reset', inFlight: 3, dropsConnections: true, offlineMs: 0 },
    { how: 'its network comes back a second later', inFlight: 10, dropsConnections: true, offlineMs: 1_000 }
  ])('$how, $inFlight lookups in flight', async ({ inFlight, dropsConnections, offlineMs }) => {
    const servers = await FaultServers.start(PEERS)
    onTestFinished(async () => { await servers.stop() })
    const client = forkModule<FaultClientCommands>(CLIENT, 'client')
    onTestFinished(async () => { await client.kill() })
    const { pid } = await client.call('start', {
      arm: 'scored',
      scoring: UNHURRIED,
      rttMs: 60,
      peers: servers.infos.map(({ id, multiaddrs }) => ({ id: id.toString(), multiaddr: multiaddrs[0].toString() }))
    })
    expect(await client.call('counts', {}), 'before').toEqual(ALL_GOOD)

    await client.call('keepLookingUp', { inFlight })
    await delay(UNDER_WAY_MS)
    process.kill(pid, 'SIGSTOP')

    if (dropsConnections) {
      servers.peers.forEach(peer => { servers.server(peer).dropConnections() })
    }

    // it is carried out as soon as the process goes on
    const offline = offlineMs > 0 ? client.call('begin', { outage: OUTAGES['interface down, dials ENETUNREACH'] }) : undefined
    await delay(SUSPENDED_MS)
    process.kill(pid, 'SIGCONT')
    await offline
    await delay(offlineMs)
    await client.call('end', {})

    const first = await client.call('lookups', { count: 3, name: 'after' })
    const { worst } = await client.call('stopLookingUp', {})

    expect(first.map(({ key, found }) => recallOf(servers.closest(key, () => true), found)), 'recall of the first lookups').toEqual([1, 1, 1])
    expect(worst, 'the worst meanwhile').toEqual(ALL_GOOD)
  })
})
