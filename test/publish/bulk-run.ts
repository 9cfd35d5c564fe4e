import { BulkPut } from '../../src/publish/bulk-put.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { closest } from './explored-network.ts'
import type { KadId } from '../../src/keyspace/kad-id.ts'
import type { BulkPutCommand, BulkPutFact, BulkPutInit } from '../../src/publish/bulk-put.ts'
import type { Region } from '../../src/publish/region.ts'
import type { LookUp, Peers } from './explored-network.ts'

export interface Key { kadId: KadId }

export type Fact = BulkPutFact<number, Key>
export type Command = BulkPutCommand<number, Key>
export type Done = Extract<Command, { type: 'done' }>
export type RegionDone = Extract<Command, { type: 'regionDone' }>
export type RegionFailed = Extract<Command, { type: 'regionFailed' }>

export interface BulkTrial {
  peers: Peers
  regions: Region[]
  keys: Key[]
  settings?: Partial<BulkPutInit>
  seed?: number
  /** @default The k closest peers */
  lookUp?: LookUp
  /** Peers that never answer a send */
  silent?: ReadonlySet<number>
  /** How many keys are read at a time */
  batch?: number
  /** Cancel after so many facts */
  cancelAfter?: number
}

export interface BulkRun {
  finish: Extract<Command, { type: 'finish' }>
  done: Done[]
  regionsDone: RegionDone[]
  regionsFailed: RegionFailed[]
  /** Who has stored each key */
  stored: Map<Key, Set<number>>
  targets: KadId[]
  /** Names of the regions, in the order in which they were explored, pulled and ended */
  events: string[]
  /** The most that were under way at a time */
  most: { regions: number, explorations: number, lookups: number, peersOfARegion: number, keysHeld: number }
}

export const SETTINGS = { k: 4, lookupsAtOnce: 2, peersAtOnce: 3, recordsPerSend: 10, leastHolders: 2, regionsAtOnce: 2 }

/** Put the keys of these regions to the end, one region after another, with answers in random order */
export function bulkRun ({ peers, regions, keys, settings, seed = 1, lookUp, silent = new Set(), batch = 10, cancelAfter = Infinity }: BulkTrial): BulkRun {
  const random = seededRandom(seed)
  const init = { ...SETTINGS, random, ...settings }
  const look = lookUp ?? (target => closest(peers, target, init.k))
  const put = new BulkPut<number, Key>(init)
  const open: Command[] = []
  const given = regions.values()
  const read = new Map<string, Key[]>()
  const underWay = new Map<string, 'exploring' | 'sending'>()
  const result: BulkRun = {
    finish: { type: 'finish', sums: { regionsDone: NaN, regionsFailed: NaN, stored: NaN, failed: NaN, holders: NaN, peersFound: NaN, peersLeftOut: NaN } },
    done: [],
    regionsDone: [],
    regionsFailed: [],
    stored: new Map(keys.map(key => [key, new Set()])),
    targets: [],
    events: [],
    most: { regions: 0, explorations: 0, lookups: 0, peersOfARegion: 0, keysHeld: 0 }
  }

  const begins = (region: Region, phase: 'exploring' | 'sending'): void => {
    if (underWay.get(`${region}`) !== phase) {
      underWay.set(`${region}`, phase)
      result.events.push(`${phase} ${region}`)
    }
  }

  const ends = (region: Region): void => {
    underWay.delete(`${region}`)
    read.delete(`${region}`)
    result.events.push(`end ${region}`)
  }

  const take = (commands: Command[]): void => {
    for (const command of commands) {
      switch (command.type) {
        case 'lookup':
          begins(command.region, 'exploring')
          result.targets.push(command.target)
          open.push(command)
          break
        case 'pull':
          begins(command.region, 'sending')
          open.push(command)
          break
        case 'done':
          result.done.push(command)
          break
        case 'regionDone':
          ends(command.region)
          result.regionsDone.push(command)
          break
        case 'regionFailed':
          ends(command.region)
          result.regionsFailed.push(command)
          break
        case 'finish':
          result.finish = command
          break
        default:
          open.push(command)
      }
    }
  }

  const note = (): void => {
    const running = open.filter(command => 'region' in command && underWay.has(`${command.region}`))
    const sends = running.filter(command => command.type === 'send')
    const phases = [...underWay.values()]
    const exploring = running.filter(command => command.type === 'lookup' && underWay.get(`${command.region}`) === 'exploring')
    const { most } = result
    most.regions = Math.max(most.regions, phases.length)
    most.explorations = Math.max(most.explorations, phases.filter(phase => phase === 'exploring').length)
    most.lookups = Math.max(most.lookups, exploring.length)
    most.peersOfARegion = Math.max(most.peersOfARegion, ...[...underWay.keys()].map(name => sends.filter(({ region }) => `${region}` === name).length))
    most.keysHeld = Math.max(most.keysHeld, pulled - result.done.length)
  }

  let pulled = 0
  const keysOf = (region: Region, except: Region[]): { keys: Key[], isLast: boolean } => {
    const rest = read.get(`${region}`) ?? keys.filter(({ kadId }) => region.contains(kadId) && !except.some(gap => gap.contains(kadId)))
    read.set(`${region}`, rest)
    const batchOf = rest.splice(0, batch)
    pulled += batchOf.length

    return { keys: batchOf, isLast: rest.length === 0 }
  }

  const answer = (command: Command): Fact => {
    switch (command.type) {
      case 'nextRegion': {
        const { value: region } = given.next()
        return region === undefined ? { type: 'noMoreRegions' } : { type: 'region', region }
      }
      case 'lookup': {
        const { region, target } = command
        const found = look(target)
        return found === undefined ? { type: 'lookupFailed', region, target } : { type: 'lookedUp', region, target, closest: found }
      }
      case 'pull':
        return { type: 'keys', region: command.region, ...keysOf(command.region, command.except) }
      case 'send': {
        const { region, peer, keys } = command
        if (silent.has(peer)) {
          return { type: 'failed', region, peer }
        }
        keys.forEach(key => result.stored.get(key)?.add(peer))
        return { type: 'sent', region, peer, stored: keys, refused: [] }
      }
      default:
        throw new Error(`Nobody answers ${command.type}`)
    }
  }

  take(put.advance({ type: 'started' }))

  for (let facts = 0; open.length > 0 && Number.isNaN(result.finish.sums.stored); facts++) {
    note()
    const [command] = open.splice(Math.floor(random() * open.length), 1)
    take(put.advance(facts === cancelAfter ? { type: 'cancelled' } : answer(command)))
  }

  return result
}
