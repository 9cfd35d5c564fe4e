import { beforeEach, expect, test, vi } from 'vitest'
import { validateUpkeepParameters } from '../../src/parameters/upkeep-parameters.ts'
import { UpkeepRunner } from '../../src/libp2p/upkeep-runner.ts'
import { Upkeep } from '../../src/upkeep/upkeep.ts'
import { errorsTo } from './errors-to.ts'
import type { UpkeepTasks } from '../../src/libp2p/upkeep-runner.ts'

const ENTRY = { peer: 'a', kadId: Uint8Array.of(1) }

let signals: AbortSignal[]
let ends: Array<(err?: Error) => void>
let tasks: { [name in keyof UpkeepTasks]: ReturnType<typeof vi.fn<UpkeepTasks[name]>> }
let runner: UpkeepRunner

beforeEach(() => {
  signals = []
  ends = []

  const task = async (signal: AbortSignal): Promise<void> => {
    signals.push(signal)
    await new Promise<void>((resolve, reject) => { ends.push(err => { err === undefined ? resolve() : reject(err) }) })
  }

  tasks = {
    introduce: vi.fn(async (_, signal) => task(signal)),
    admit: vi.fn(),
    dial: vi.fn(async (_, signal) => task(signal)),
    refresh: vi.fn(async (_, signal) => task(signal)),
    search: vi.fn(task),
    keepAlive: vi.fn(async () => {}),
    save: vi.fn(async () => {})
  }
  runner = new UpkeepRunner({
    upkeep: new Upkeep({
      parameters: validateUpkeepParameters({ introductionsAtOnce: 1, roundMs: 100, minSearchPauseMs: 0 }),
      table: { scores: { has: () => false }, best: () => [], heardOf: () => {}, needsGoodPeers: () => true, evictionCandidates: peers => peers.slice(1) },
      isInBuckets: () => false,
      deepestPrefix: () => 0,
      isConnected: () => false,
      maxConnections: () => 100
    }),
    tasks,
    now: () => performance.now(),
    log: errorsTo([]).forComponent('test')
  })
})

test('tells of the end of a task, also where it failed', async () => {
  runner.start()
  runner.tell({ type: 'named', entry: ENTRY, connected: false })
  runner.tell({ type: 'named', entry: { ...ENTRY, peer: 'b' }, connected: false })
  expect(tasks.introduce.mock.calls.map(([peer]) => peer)).toEqual(['a'])

  ends[0](new Error('refused'))
  await vi.waitFor(() => { expect(tasks.introduce.mock.calls.map(([peer]) => peer)).toEqual(['a', 'b']) })
  runner.stop()
})

test('comes again after each round, and saves and searches in it', async () => {
  runner.start()
  await vi.waitFor(() => { expect(tasks.save.mock.calls.length).toBeGreaterThanOrEqual(3) })

  expect(tasks.search).toHaveBeenCalledOnce()
  runner.stop()
})

test('gives up what is under way when it is stopped, begins nothing more and waits for its end', async () => {
  runner.start()
  runner.tell({ type: 'named', entry: ENTRY, connected: false })
  runner.tell({ type: 'named', entry: { ...ENTRY, peer: 'b' }, connected: false })
  runner.stop()
  expect(signals[0].aborted).toBe(true)

  const ended = vi.fn()
  const end = runner.ended().then(ended)
  await Promise.resolve()
  expect(ended).not.toHaveBeenCalled()

  ends[0]()
  await end
  expect(tasks.introduce).toHaveBeenCalledOnce()
})

test('says whom to ping when a bucket is full', () => {
  expect(runner.bucketFull(['a', 'b', 'c'], ['a'])).toEqual(['b', 'c'])
})
