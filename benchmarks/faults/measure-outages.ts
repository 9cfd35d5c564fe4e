import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { withProcesses } from '../processes/with-processes.ts'
import { alignColumns } from '../report/align-columns.ts'
import { FaultServers } from './fault-servers.ts'
import { monotonicNow } from './lookups.ts'
import { OUTAGES } from './outage.ts'
import type { Resources } from '../processes/with-processes.ts'
import type { Counts, FaultClientCommands, FaultClientOptions } from './fault-client-process.ts'
import type { LookupResult } from './lookups.ts'
import type { OutageName } from './outage.ts'

// Prints a table of how a node is affected by outages of our own network and by peers that die. The node
// under test runs in a process of its own, and all servers run in this one.

const CLIENT = new URL('fault-client-process.ts', import.meta.url)

const HELP = `node benchmarks/faults/measure-outages.ts [options]

  --study outages|deaths|both  (outages)
  --arm scored|kad-dht         (scored)
  --source FILE                src/index.ts of another tree, for the scored arm
  --kinds A|B|...              names of outages, and "suspended"; "all" is all of them
  --in-flight 1,3,10,20        lookups in flight when the outage begins
  --known 8,20,60,200          peers known
  --duration 3                 of the outage, s; several with commas
  --dead 0.3,0.6,1             share of the peers that die
  --lookups 30                 lookups after the deaths
  --rtt 60                     ms
  --seed 1
`

/** The process is stopped and continued. For the process itself, the time in between does not exist. */
const SUSPENDED = 'suspended'

/** Time before an outage in which lookups get under way, ms */
const UNDER_WAY_MS = 1_000

/** Number of lookups after an outage, one after the other */
const AFTER = 5

const { values } = parseArgs({
  options: {
    study: { type: 'string', default: 'outages' },
    arm: { type: 'string', default: 'scored' },
    source: { type: 'string' },
    kinds: { type: 'string', default: `interface down, dials ENETUNREACH|connections reset, dials hang|silence, delivered late|silence, then reset|${SUSPENDED}` },
    'in-flight': { type: 'string', default: '1,3,10,20' },
    known: { type: 'string', default: '8,20,60,200' },
    duration: { type: 'string', default: '3' },
    dead: { type: 'string', default: '0.3,0.6,1' },
    lookups: { type: 'string', default: '30' },
    rtt: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false }
  }
})

if (values.help) {
  console.log(HELP)
  process.exit()
}

const rttMs = Number(values.rtt)
const seed = Number(values.seed)

for (const known of numbers(values.known)) {
  const servers = await FaultServers.start(known, seed)

  if (values.study !== 'deaths') {
    await measureOutages(servers)
  }

  if (values.study !== 'outages') {
    await measureDeaths(servers)
  }

  await servers.stop()
}

async function measureOutages (servers: FaultServers): Promise<void> {
  const kinds = values.kinds === 'all' ? [...Object.keys(OUTAGES), SUSPENDED] : values.kinds.split('|')
  const rows = [['outage', 'seconds', 'known', 'in flight', 'fallen during', 'at its end', 'after', 'recall after', 'ms after', 'recall in flight, worst']]

  for (const kind of kinds) {
    for (const seconds of numbers(values.duration)) {
      for (const inFlight of numbers(values['in-flight'])) {
        rows.push(await measureOutage(servers, kind, seconds * 1000, inFlight))
        console.error(rows.at(-1)?.join('  '))
      }
    }
  }

  console.log(alignColumns(rows, 1).join('\n') + '\n')
}

async function measureOutage (servers: FaultServers, kind: string, durationMs: number, inFlight: number): Promise<string[]> {
  let row: string[] = []

  await withClient(servers, async ({ client, pid }) => {
    await client.call('keepLookingUp', { inFlight })
    await delay(UNDER_WAY_MS)

    if (kind === SUSPENDED) {
      process.kill(pid, 'SIGSTOP')
      await delay(durationMs)
      process.kill(pid, 'SIGCONT')
    } else {
      await client.call('begin', { outage: OUTAGES[kind as OutageName] })
      await delay(durationMs)
      await client.call('end', {})
    }

    const endedAt = monotonicNow()
    const atEnd = await client.call('counts', {})
    const results = await client.call('lookups', { count: AFTER, name: 'after' })
    const { results: inFlightResults, worst } = await client.call('stopLookingUp', {})
    const recalls = inFlightResults.filter(({ startedAt }) => startedAt > endedAt).map(result => recallOf(servers, result, []))

    row = [
      kind, String(durationMs / 1000), String(servers.peers.length), String(inFlight), fallen(worst), fallen(atEnd), fallen(await client.call('counts', {})),
      results.map(result => recallOf(servers, result, []).toFixed(2)).join(' '),
      results.map(({ timeMs }) => timeMs.toFixed(0)).join(' '),
      meanAndWorst(recalls)
    ]
  })

  return row
}

async function measureDeaths (servers: FaultServers): Promise<void> {
  const rows = [['share dead', 'known', 'dead', 'half poor', '90% poor', 'all poor', 'poor after each lookup', 'live fallen', 'recall, worst', 'p50 ms', 'ms of each']]

  for (const share of numbers(values.dead)) {
    rows.push(await measureDeath(servers, share))
    console.error(rows.at(-1)?.join('  '))
  }

  console.log(alignColumns(rows, 0).join('\n') + '\n')
}

async function measureDeath (servers: FaultServers, share: number): Promise<string[]> {
  let row: string[] = []

  await withClient(servers, async ({ client }) => {
    const dead = servers.peers.slice(0, Math.round(share * servers.peers.length))
    const alive = servers.peers.slice(dead.length)
    const poor: number[] = []
    const results: LookupResult[] = []
    const until = (part: number): string => {
      const index = poor.findIndex(count => count >= part * dead.length)

      return index === -1 ? `> ${poor.length}` : String(index + 1)
    }

    // as in the testnet: half of the dead peers are silent, a quarter refuse and a quarter stall
    await client.call('become', { state: 'silent', peers: dead.filter((_, index) => index % 4 < 2) })
    await client.call('become', { state: 'refuses', peers: dead.filter((_, index) => index % 4 === 2) })
    await client.call('become', { state: 'stalls', peers: dead.filter((_, index) => index % 4 === 3) })

    for (let i = 0; i < Number(values.lookups) && (poor.at(-1) ?? 0) < dead.length; i++) {
      results.push(...await client.call('lookups', { count: 1, name: `death ${i}` }))
      poor.push((await client.call('counts', { peers: dead })).unacceptable)
    }

    const recalls = results.map(result => recallOf(servers, result, dead))
    const times = results.map(({ timeMs }) => timeMs)

    row = [
      String(share), String(servers.peers.length), String(dead.length), until(0.5), until(0.9), until(1), poor.join(' '),
      fallen(await client.call('counts', { peers: alive })),
      meanAndWorst(recalls),
      times.toSorted((a, b) => a - b)[times.length >> 1].toFixed(0), times.map(timeMs => timeMs.toFixed(0)).join(' ')
    ]
  })

  return row
}

async function withClient (servers: FaultServers, work: (started: { client: ReturnType<typeof startProcess>, pid: number }) => Promise<void>): Promise<void> {
  await withProcesses(new AbortController().signal, async resources => {
    const client = startProcess(resources)
    const { pid } = await client.call('start', {
      arm: values.arm as FaultClientOptions['arm'],
      source: values.source,
      rttMs,
      peers: servers.infos.map(({ id, multiaddrs }) => ({ id: id.toString(), multiaddr: multiaddrs[0].toString() }))
    })

    await work({ client, pid })
    await client.kill()
  })
}

function startProcess (resources: Resources) {
  return resources.startProcess<FaultClientCommands>(CLIENT, 'client')
}

function recallOf (servers: FaultServers, { key, found }: LookupResult, dead: readonly string[]): number {
  const closest = servers.closest(key, peer => !dead.includes(peer))

  return closest.length === 0 ? 1 : closest.filter(peer => found.includes(peer)).length / closest.length
}

function meanAndWorst (recalls: readonly number[]): string {
  return recalls.length === 0 ? '-' : `${(recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length).toFixed(2)}, ${Math.min(...recalls).toFixed(2)}`
}

function fallen ({ neutral, unacceptable }: Counts): string {
  return `${neutral}+${unacceptable}`
}

function numbers (list: string): number[] {
  return list.split(',').map(Number)
}
