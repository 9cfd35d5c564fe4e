import { expect, test } from 'vitest'
import { parseOptions } from '../../../benchmarks/command-line/parse-options.ts'
import { CHECKPOINTS, scenarioOf, simulate } from '../../../benchmarks/simulator/simulation.ts'
import { SIMULATOR_OPTIONS } from '../../../benchmarks/simulator/simulator-options.ts'
import { SESSION_LAWS } from '../../../benchmarks/simulator/world/session-laws/session-law.ts'
import { TESTNET_OPTIONS } from '../../../benchmarks/testnet/testnet-options.ts'
import type { Sample } from '../../../benchmarks/report/results.ts'
import type { SimulatedArm, SimulationOptions } from '../../../benchmarks/simulator/simulation-options.ts'
import type { TestnetOptions } from '../../../benchmarks/testnet/testnet-options.ts'
import type { SimulationEnd, SimulationHooks } from '../../../benchmarks/simulator/simulation.ts'

const SMALL = ['--nodes', '300', '--lookups', '12', '--clients', '2', '--train-lookups', '4', '--hours', '0.1', '--warmup-hours', '1']

interface Run extends SimulationEnd {
  samples: Sample[]
}

function optionsOf (...args: string[]): SimulationOptions {
  return parseOptions<SimulationOptions>(SIMULATOR_OPTIONS, [...SMALL, ...args]).options
}

async function run (options: SimulationOptions, hooks: Partial<SimulationHooks> = {}): Promise<Run> {
  const samples: Sample[] = []
  const end = await simulate(options, {
    signal: new AbortController().signal,
    onProgress: () => {},
    onSample: sample => { samples.push(sample) },
    ...hooks
  })

  return { ...end, samples }
}

test('carries out every operation with every arm, and finds nearly all', async () => {
  const options = optionsOf('--operations', 'closest-peers,find-providers,get-value,put-value,provide')
  const { samples } = await run(options)

  expect(samples).toHaveLength(options.arms.length * options.operations.length * options.lookups)

  for (const arm of options.arms) {
    const own = samples.filter(sample => sample.arm === arm)
    const recalls = own.flatMap(({ recall, operation }) => operation === 'closest-peers' ? [recall ?? 0] : [])

    expect(own.filter(({ failed }) => failed), arm).toHaveLength(0)
    // a provider record is only sent, which takes go-kad-dht no time over a connection
    expect(own.every(({ timeMs, queries, operation }) => queries > 0 && (timeMs > 0 || operation === 'provide')), arm).toBe(true)
    expect(recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length, arm).toBeGreaterThan(0.8)
  }

  expect(meanRecall(samples, 'oracle')).toBe(1)
  expect(meanRecall(samples, 'scored')).toBeGreaterThan(0.95)
})

test('does the same again with the same seed, and something else with another', async () => {
  const first = await run(optionsOf('--seed', '5'))
  const again = await run(optionsOf('--seed', '5'))
  const other = await run(optionsOf('--seed', '6'))

  expect(again.traceHash).toBe(first.traceHash)
  expect(again.samples).toEqual(first.samples)
  expect(other.traceHash).not.toBe(first.traceHash)
})

test('lets no arm change what another one finds', async () => {
  const together = await run(optionsOf('--arms', 'go-kad-dht,scored'))
  const alone = await run(optionsOf('--arms', 'scored'))

  expect(alone.samples).toEqual(together.samples.filter(({ arm }) => arm === 'scored'))
})

test('looks for all that was put, twice, with requests that are nobody\'s, and tells the rest when it is known', async () => {
  const args = ['--operations', 'closest-peers,provide,put-value', '--arms']
  const requests = { scored: 0, oracle: 0 }
  const { samples } = await run(optionsOf(...args, 'scored,oracle'), { onRequest: arm => { requests[arm as 'scored' | 'oracle']++ } })
  const puts = samples.filter(({ operation }) => operation !== 'closest-peers')
  const oracles = samples.filter(({ arm }) => arm === 'oracle')

  expect(puts).toHaveLength(2 * 2 * 12)
  expect(puts.filter(({ retrieved }) => retrieved?.soon !== true || retrieved.later !== true)).toEqual([])
  expect(samples.filter(sample => sample.operation === 'closest-peers' && 'retrieved' in sample)).toEqual([])
  expect(puts.some(({ arm, afterReturn, recall }) => arm === 'scored' && afterReturn !== undefined && (afterReturn.recallAtReturn ?? 1) < (recall ?? 0))).toBe(true)
  // it does nothing by itself
  expect(requests.oracle).toBe(oracles.reduce((sum, { queries }) => sum + queries, 0))
  expect((await run(optionsOf(...args, 'scored'))).samples).toEqual(samples.filter(({ arm }) => arm === 'scored'))
})

test('looks for 500 puts of each operation at most', async () => {
  const { samples } = await run(optionsOf('--operations', 'provide', '--arms', 'oracle', '--lookups', '600'))

  expect(samples.filter(sample => 'retrieved' in sample)).toHaveLength(300)
})

test('restarts scored-warm with its scores and without connections', async () => {
  const { samples } = await run(optionsOf('--arms', 'scored,scored-warm', '--train-lookups', '10'))
  const first = (arm: SimulatedArm): Sample => {
    const sample = samples.find(sample => sample.arm === arm && sample.index === 0)

    if (sample === undefined) {
      throw new Error(`${arm} did nothing`)
    }

    return sample
  }

  expect(first('scored-warm').dials).toBeGreaterThan(0)
  expect(first('scored-warm').queries).toBeLessThan(first('scored').queries)
})

test('is looked at until its end, whenever all clients have come to the same time', async () => {
  const checkpoints: number[] = []
  let requests = 0
  const options = optionsOf('--arms', 'scored,kad-dht')

  await run(options, {
    onCheckpoint: ({ runMs, now, tables, clients }) => {
      checkpoints.push(runMs)
      expect([tables.now, ...Array.from(clients.values()).flat().map(({ clock }) => clock.now)].every(time => time === now)).toBe(true)
    },
    onRequest: () => { requests++ }
  })

  expect(checkpoints).toHaveLength(CHECKPOINTS)
  expect(checkpoints.at(-1)).toBe(options.hours * 3_600_000)
  expect(requests).toBeGreaterThan(options.lookups)
})

test('dials over TCP on the network of the testnet, as nobody there listens on anything else', async () => {
  const RTT_MS = 100
  const { options } = parseOptions<TestnetOptions>(TESTNET_OPTIONS, ['--peers', 'go', '--scenario', 'ideal', '--nodes', '60', '--rtt-ms', String(RTT_MS), '--sigma', '0'])
  const { samples } = await run({ ...optionsOf('--arms', 'go-kad-dht,oracle', '--lookups', '1', '--clients', '1'), testnet: { ...options, file: '' } })
  const trips = samples.map(({ arm, timeMs }) => [arm, Math.floor(timeMs / RTT_MS)])

  // a dial takes four, and the answer one
  expect(trips).toContainEqual(['oracle', 5])
})

test('ends soon after its signal was aborted', async () => {
  const controller = new AbortController()
  let samples = 0

  await expect(run(optionsOf('--lookups', '100000', '--clients', '10'), {
    signal: controller.signal,
    onSample: () => {
      if (++samples === 10) {
        controller.abort(new Error('seen enough'))
      }
    }
  })).rejects.toThrow('seen enough')
  expect(samples).toBeLessThan(100_000)
})

test('says what the network was like', () => {
  expect(scenarioOf(optionsOf())).toBe('300 nodes, amino-2022')
  expect(scenarioOf(optionsOf('--nat', '0.8', '--churn', '0.6/3h', '--adoption', '0.5', '--conditions', 'amino-2025')))
    .toBe('300 nodes, amino-2025, 80% behind NATs, 60% churn every 3 h, 50% scored')
  expect(scenarioOf(optionsOf('--attack', 'inventions', '--attack-share', '0.01'))).toBe('300 nodes, amino-2022, attack inventions 1%')
  expect(scenarioOf(optionsOf('--attack', 'answers-first'))).toBe('300 nodes, amino-2022, attack answers-first')
  expect(scenarioOf(optionsOf('--sessions', 'clock'))).toBe('300 nodes, amino-2022, clock sessions')
})

test('plays in worlds whose sessions follow other laws, each another world, beside those who toggle', async () => {
  const hashes = new Set<string>()

  for (const law of SESSION_LAWS) {
    const { samples, traceHash } = await run(optionsOf('--arms', 'scored,oracle', '--sessions', law, '--churn', '0.6/3h'))

    hashes.add(traceHash)
    expect(meanRecall(samples, 'oracle'), law).toBe(1)
    expect(meanRecall(samples, 'scored'), law).toBeGreaterThan(0.9)
  }

  const { traceHash } = await run(optionsOf('--arms', 'scored,oracle', '--churn', '0.6/3h'))

  expect(hashes.size).toBe(SESSION_LAWS.length)
  expect(hashes).toContain(traceHash)
})

test('finds as much when a fifth of the closest answer first with nothing, and asks them', async () => {
  const asked = new Set<number>()
  const args = ['--arms', 'kad-dht,scored', '--operations', 'closest-peers,find-providers,get-value', '--lookups', '20']
  const { samples, traceHash } = await run(optionsOf(...args, '--attack', 'answers-first'), { onRequest: (_, node) => { asked.add(node) } })
  const peaceful = await run(optionsOf(...args))

  expect(traceHash).not.toBe(peaceful.traceHash)
  expect(samples.filter(({ failed }) => failed)).toEqual([])
  expect(meanRecall(samples, 'scored')).toBeGreaterThan(0.95)
  expect(samples.filter(({ arm }) => arm === 'scored').every(({ honestMemory }) => honestMemory === 1)).toBe(true)
  expect(peaceful.samples.every(sample => !('honestMemory' in sample))).toBe(true)
})

test('has no record with those who are hostile, and does not expect them to be found', async () => {
  const { samples } = await run(optionsOf('--arms', 'oracle', '--operations', 'closest-peers,find-providers', '--attack', 'answers-first', '--attack-share', '1'))

  // the oracle asks the k closest, and nobody else
  expect(samples.filter(({ operation }) => operation === 'find-providers').every(({ failed }) => failed)).toBe(true)
  expect(samples.filter(({ operation }) => operation === 'closest-peers').map(({ recall }) => recall)).toEqual(Array(12).fill(undefined))
})

test('keeps its success and tells how much of its memory is real beside a peer that names inventions without end', async () => {
  const { samples } = await run(optionsOf('--arms', 'kad-dht,scored', '--operations', 'closest-peers,find-providers', '--lookups', '30', '--attack', 'inventions'))
  const own = samples.filter(({ arm }) => arm === 'scored')
  const failures = (arm: SimulatedArm): number => samples.filter(sample => sample.arm === arm && sample.failed).length
  const last = own.filter(({ index }) => index === 29)

  expect(failures('scored')).toBe(0)
  expect(failures('kad-dht')).toBeGreaterThan(0)
  expect(meanRecall(samples, 'scored')).toBeGreaterThan(0.95)
  // who knows all of so few peers has as many inventions: the one who names them is among the closest of many keys
  expect(last.every(({ honestMemory = 0 }) => honestMemory > 0.2 && honestMemory < 0.95)).toBe(true)
})

test('tells every client of the peer that invents, so that even the first lookup meets it', async () => {
  const arms: SimulatedArm[] = ['kad-dht', 'scored']
  const asked: Array<[SimulatedArm, number]> = []
  const { world } = await run(optionsOf('--arms', arms.join(','), '--attack', 'inventions', '--nodes', '3000', '--lookups', '1', '--clients', '1', '--hours', '0.02', '--warmup-hours', '0.2'), {
    onRequest: (arm, node) => { asked.push([arm, node]) }
  })
  const takenIn = asked.flatMap(([arm, node]) => node >= world.population.size ? [arm] : [])

  expect([...new Set(takenIn)].sort()).toEqual(arms)
})

test('attacks all arms alike, whoever else takes part', async () => {
  for (const attack of ['answers-first', 'inventions']) {
    const together = await run(optionsOf('--arms', 'kad-dht,scored', '--attack', attack))
    const alone = await run(optionsOf('--arms', 'scored', '--attack', attack))

    expect(alone.samples, attack).toEqual(together.samples.filter(({ arm }) => arm === 'scored'))
  }
})

test('refuses the share of an attack without one', async () => {
  await expect(run(optionsOf('--attack-share', '0.5'))).rejects.toThrow('--attack-share needs --attack')
})

test.each([
  ['--attack', 'flattery'], ['--attack-share', '1.5'], ['--churn', '0.6'], ['--churn', '0.6/0h'], ['--churn', '2/3h'], ['--nat', '1'], ['--nat', 'many'], ['--nodes', '0'], ['--study', 'nothing'], ['--sessions', 'lunar']
])('refuses %s %s', (name, value) => {
  expect(() => parseOptions(SIMULATOR_OPTIONS, [name, value])).toThrow(name)
})

function meanRecall (samples: Sample[], arm: SimulatedArm): number {
  const recalls = samples.flatMap(sample => sample.arm === arm && sample.operation === 'closest-peers' ? [sample.recall ?? 0] : [])

  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
}

test('measures as others did: from where they were, with their k', async () => {
  const args = ['--arms', 'go-kad-dht', '--operations', 'provide']
  const { samples } = await run(optionsOf(...args))
  const { samples: theirs } = await run(optionsOf(...args, '--instrument', 'parsec', '--client-k', '5'))
  const holders = (samples: Sample[]): number => Math.max(...samples.map(({ found }) => found ?? 0))

  expect(holders(samples)).toBeGreaterThan(15)
  expect(holders(theirs)).toBe(5)
  expect(theirs.map(({ timeMs }) => timeMs)).not.toEqual(samples.map(({ timeMs }) => timeMs))
  expect(() => optionsOf('--client-k', '0.5')).toThrow('--client-k must be a whole number from 1 to 100')
})
