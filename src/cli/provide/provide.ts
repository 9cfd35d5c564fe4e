import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { kadIdOf } from '../../libp2p/peers/kad-id-of.ts'
import { BULK_RULES } from '../../parameters/bulk-parameters.ts'
import { PublishedKeys } from '../../persistence/published-keys.ts'
import { isInShard } from '../../publish/shard.ts'
import { CommandError } from '../command-error.ts'
import { ProgressLine } from './progress-line.ts'
import { PROVIDE_HELP, parseProvideArguments } from './provide-arguments.ts'
import { joinNetwork, loadProvideNode } from './provide-node.ts'
import { MAX_FAILURES, formatProvideReport } from './provide-report.ts'
import { ProvideTally, cidText } from './provide-tally.ts'
import { carPackage, isReadableTwice, readCARCIDs, readCIDs } from './read-cids.ts'
import { readPrivateKey } from './read-private-key.ts'
import type { NewKey } from '../../persistence/published/published-key.ts'
import type { ProvideArguments } from './provide-arguments.ts'
import type { ProvideNode } from './provide-node.ts'
import type { ProvideReport } from './provide-report.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

/** As shells count it: 128 and the number of SIGINT */
const INTERRUPTED = 130

/** How often the progress is drawn, where nothing has happened, ms */
const DRAW_INTERVAL_MS = 1_000

/** All that one run of the command goes by */
interface Run extends ProvideArguments {
  startNode: () => Promise<ProvideNode>
  progress: ProgressLine
  /** Stops it. What is stored by then is remembered. */
  signal: AbortSignal
}

/** What a run has sent */
interface Sent {
  tally: ProvideTally
  /** Whether it came to no end */
  stopped: boolean
  seconds: number
}

/**
 * The `provide` command
 *
 * @param args - What follows `provide` on the command line
 * @returns The exit code
 * @throws {UsageError} The arguments make no sense
 * @throws {CommandError} It can't work with the files given, with the packages installed, or on this network
 * @throws {PublishStoreError} The database of keys can't be used
 */
export async function provide (args: string[]): Promise<number> {
  const options = parseProvideArguments(args, process.env.JOB_COMPLETION_INDEX)

  if (options === undefined) {
    process.stdout.write(PROVIDE_HELP)
    return 0
  }

  const privateKey = await readPrivateKey(options.key)
  checkAnnounced(options, privateKey)
  // all that can be missing is missed before a long list is read
  const createNode = await loadProvideNode()
  await (options.car === undefined ? undefined : carPackage())

  const interrupt = new AbortController()
  const onSignal = (): void => { interrupt.abort() }
  const signals = [interrupt.signal, ...options.timeoutMs === undefined ? [] : [AbortSignal.timeout(options.timeoutMs)]]
  const progress = new ProgressLine(process.stderr, () => performance.now())

  // once: a second Ctrl-C ends the process as it is
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)

  try {
    const isAllStored = await run({ ...options, startNode: async () => createNode({ ...options, privateKey }), progress, signal: AbortSignal.any(signals) })

    return interrupt.signal.aborted ? INTERRUPTED : isAllStored ? 0 : 1
  } finally {
    progress.clear()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** An address with the id of another peer leads nowhere: the key is of another server */
function checkAnnounced ({ announce }: ProvideArguments, privateKey: PrivateKey): void {
  const id = peerIdFromPrivateKey(privateKey).toString()

  for (const address of announce) {
    const last = address.getComponents().at(-1)

    if (last?.name === 'p2p' && last.value !== id) {
      throw new CommandError(`--announce is "${address}", and --key is that of ${id}`, 2)
    }
  }
}

/** @returns Whether all is stored, as far as it is known: a run that was stopped may not have read all */
async function run (run: Run): Promise<boolean> {
  const sent = await addAndSend(run)
  const report = await withKeys(run.location, async keys => reportOf(keys, sent))
  const text = formatProvideReport(report, sent.stopped)

  run.progress.clear()
  process.stdout.write(run.json ? `${JSON.stringify(report)}\n` : text)

  if (run.json && sent.stopped) {
    process.stderr.write(text)
  }

  return report.waiting === 0 && !sent.stopped
}

async function addAndSend (run: Run): Promise<Sent> {
  const sent: Sent = { tally: new ProvideTally(0), stopped: false, seconds: 0 }

  try {
    sent.tally = new ProvideTally(await addKeys(run))

    if (sent.tally.total > 0) {
      await send(run, sent)
    }
  } catch (err) {
    if (!run.signal.aborted || err instanceof CommandError) {
      throw err
    }

    sent.stopped = true
  }

  return sent
}

/**
 * Note all keys in the database. A file is read to its end before that, so that a bad line changes nothing.
 *
 * @returns How many keys wait to be stored
 */
async function addKeys (run: Run): Promise<number> {
  if (run.cids !== undefined && await isReadableTwice(run.cids)) {
    const cids = readCIDs(run.cids, run.signal)

    for (let checked = 1; (await cids.next()).done !== true; checked++) {
      run.progress.count(checked, 'CIDs checked')
    }
  }

  return withKeys(run.location, async keys => {
    await keys.add(newKeys(run), {
      signal: run.signal,
      onAdded: ({ added, changed, known }) => { run.progress.count(added + changed + known, 'CIDs read') }
    })

    await queueDue(keys, run.signal)

    return keys.queued
  })
}

/** What was sent longer ago than a cycle waits again: servers drop it after 48 hours */
async function queueDue (keys: PublishedKeys, signal: AbortSignal): Promise<void> {
  const dueBefore = Date.now() - BULK_RULES.cycleMs.default

  for await (const { prefix, sentAt } of keys.regions({ signal })) {
    if (sentAt < dueBefore) {
      await keys.failed(keys.range(prefix, { signal }), { signal })
    }
  }
}

async function * newKeys ({ cids, car, shard, signal }: Run): AsyncGenerator<NewKey> {
  for await (const { multihash: { bytes: key } } of allCIDs(cids, car, signal)) {
    const kadId = await kadIdOf(key)

    if (shard === undefined || isInShard(kadId, shard)) {
      yield { kind: 'provider', key, kadId }
    }
  }
}

async function * allCIDs (cids: string | undefined, car: string | undefined, signal: AbortSignal): AsyncGenerator<CID> {
  if (cids !== undefined) {
    yield * readCIDs(cids, signal)
  }

  if (car !== undefined) {
    yield * readCARCIDs(car, signal)
  }
}

async function send ({ startNode, bootstrap, progress, signal }: Run, sent: Sent): Promise<void> {
  const { tally } = sent
  const startedAt = performance.now()
  const node = await startNode()
  const elapsedMs = (): number => performance.now() - startedAt
  const draw = (): void => { progress.update(tally.stored, tally.total, elapsedMs(), tally.failed === 0 ? 'keys' : `keys, ${tally.failed} failed`) }
  // keys are stored many at once, and nothing for some time
  const drawing = setInterval(draw, DRAW_INTERVAL_MS)

  try {
    progress.clear()
    draw()
    await joinNetwork(node, bootstrap, signal)

    // all keys are in the database by now
    for await (const event of node.services.dht.provideMany([], { signal })) {
      tally.add(event)
      draw()
    }
  } finally {
    clearInterval(drawing)
    sent.seconds = elapsedMs() / 1000
    await node.stop()
  }
}

/** The database says in the end what waits. Of a run that was stopped, only the events tell what has failed. */
async function reportOf (keys: PublishedKeys, { tally, stopped, seconds }: Sent): Promise<ProvideReport> {
  const waiting = keys.queued
  const stored = Math.max(0, tally.total - waiting)

  return {
    stored,
    failed: stopped ? tally.failed : waiting,
    waiting,
    keysPerSecond: seconds === 0 ? 0 : stored / seconds,
    seconds,
    failures: stopped ? tally.failures : await firstWaiting(keys)
  }
}

async function firstWaiting (keys: PublishedKeys): Promise<string[]> {
  const waiting: string[] = []

  for await (const { kind, key } of keys.list({ onlyQueued: true })) {
    if (kind === 'provider') {
      waiting.push(cidText(key))
    }

    if (waiting.length === MAX_FAILURES) {
      break
    }
  }

  return waiting
}

async function withKeys<T> (location: string, work: (keys: PublishedKeys) => Promise<T>): Promise<T> {
  const keys = new PublishedKeys({ location, timeOfDay: Date.now })
  await keys.open()

  try {
    return await work(keys)
  } finally {
    await keys.close()
  }
}
