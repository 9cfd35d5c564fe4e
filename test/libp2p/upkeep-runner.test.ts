import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
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
let errors: string[]
let isConnected: boolean
let failsWith: Error | undefined

beforeEach(() => {
  signals = []
  errors = []
  isConnected = false
  failsWith = undefined
  ends = []

  const task = async (signal: AbortSignal): Promise<void> => {
    signals.push(signal)
    await new Promise<void>((resolve, reject) => { ends.push(err => { err === undefined ? resolve() : reject(err) }) })
  }

  tasks = {
    introduce: vi.fn(async (_, signal) => task(signal)),
    admit: vi.fn(),
    dial: vi.fn(async (_, signal) => task(signal)),
    verify: vi.fn(async (_, signal) => task(signal)),
    refresh: vi.fn(async (_, signal) => task(signal)),
    refreshEnded: vi.fn(),
    search: vi.fn(task),
    keepAlive: vi.fn(async () => {}),
    save: vi.fn(async () => {})
  }
  runner = new UpkeepRunner({
    upkeep: new Upkeep({
      parameters: validateUpkeepParameters({ introductionsAtOnce: 1, roundMs: 100, minSearchPauseMs: 0 }),
      table: { scores: { has: () => false }, best: () => [{ peer: 'good', score: 1 }], heardOf: () => {}, needsGoodPeers: () => true, evictionCandidates: peers => peers.slice(1), leastCertain: () => [], longestUnasked: () => [] },
      isInBuckets: () => false,
      deepestPrefix: () => 0,
      isConnected: () => {
        if (failsWith !== undefined) {
          throw failsWith
        }

        return isConnected
      },
      maxConnections: () => 100
    }),
    tasks,
    now: () => performance.now(),
    log: errorsTo(errors).forComponent('test')
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

test('gives up what is under way when it is stopped, and does not wait for a task that does not obey', async () => {
  runner.start()
  runner.tell({ type: 'named', entry: ENTRY, connected: false })
  runner.tell({ type: 'named', entry: { ...ENTRY, peer: 'b' }, connected: false })
  runner.stop()
  expect(signals[0].aborted).toBe(true)

  await runner.ended()
  ends[0]()
  expect(tasks.introduce).toHaveBeenCalledOnce()
})

test('waits at its stop for what may not be given up', async () => {
  const tags: Array<() => void> = []
  tasks.keepAlive.mockImplementation(async () => new Promise<void>(resolve => { tags.push(resolve) }))
  isConnected = true
  runner.start()
  await vi.waitFor(() => { expect(tasks.keepAlive).toHaveBeenCalled() })
  runner.stop()

  const ended = vi.fn()
  const end = runner.ended().then(ended)
  await Promise.resolve()
  expect(ended).not.toHaveBeenCalled()
  tags.forEach(tagged => { tagged() })
  await end
})

test('comes again after a round that failed', async () => {
  vi.useFakeTimers()
  onTestFinished(() => { vi.useRealTimers() })
  failsWith = new Error('the connection manager is out of order')
  runner.start()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(tasks.save).not.toHaveBeenCalled()
  expect(errors).toHaveLength(1)

  failsWith = undefined
  await vi.advanceTimersByTimeAsync(10_000)
  expect(tasks.save).toHaveBeenCalled()
  runner.stop()
})

test('says whom to ping when a bucket is full', () => {
  expect(runner.bucketFull(['a', 'b', 'c'], ['a'])).toEqual(['b', 'c'])
})
