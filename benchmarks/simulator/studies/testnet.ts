import { readFileSync } from 'node:fs'
import { UsageError } from '../../command-line/usage-error.ts'
import { formatRatio } from '../../report/format-ratio.ts'
import { SIMULATED_ARMS } from '../simulation-options.ts'
import { resultOf } from './arm-results.ts'
import type { Arm, Results } from '../../report/results.ts'
import type { SimulationOptions } from '../simulation-options.ts'
import type { Study } from './study.ts'

const HOUR_MS = 3_600_000

/** About how long the testnet takes for one key, ms. There, all arms take their turns before the next key. */
const TURN_MS = 12_000

/** The arms that can be compared. They start cold, the states of their peers are not drawn anew, and they dial as on the testnet. The Go arm refreshes its table on both grounds. */
const COMPARED: readonly Arm[] = ['kad-dht', 'kad-dht-tuned', 'go-kad-dht', 'scored']

/** How far a ratio may differ from that of the testnet, as a share of it */
const TOLERANCE = 0.25

/**
 * Does the model give the same ratios between arms as real nodes in the same small
 * network?
 */
export const TESTNET: Study = {
  name: 'testnet',
  question: 'Does the model come to the ratios between arms that real nodes show in the same small network? (with --testnet FILE)',
  defaults: {},

  settings (base) {
    const { testnet } = base

    if (testnet === undefined) {
      throw new UsageError('--study testnet needs --testnet FILE: what the testnet wrote with --json FILE')
    }

    const { lookups, seed, k, timeoutMs, arms } = testnet
    const options: SimulationOptions = {
      ...base,
      seed,
      k,
      timeoutMs,
      lookups,
      clients: 1,
      hours: lookups * TURN_MS / HOUR_MS,
      operations: ['closest-peers'],
      arms: SIMULATED_ARMS.filter(arm => COMPARED.includes(arm) && (arms as readonly Arm[]).includes(arm))
    }

    return [{ label: `${testnet.mode ?? testnet.scenario}, seed ${seed}`, options }]
  },

  conclude ([outcome]) {
    const { arms, testnet } = outcome.options
    const measured = JSON.parse(readFileSync(testnet?.file ?? '', 'utf8')) as Results
    const p50Of = (arm: Arm): { real: number, simulated: number } => ({
      real: resultOf(measured, arm, 'closest-peers')?.timeMs.p50 ?? NaN,
      simulated: resultOf(outcome, arm, 'closest-peers')?.timeMs.p50 ?? NaN
    })
    const pairs = arms.flatMap((arm, index) => arms.slice(index + 1).map(other => {
      const [a, b] = [p50Of(arm), p50Of(other)]
      const real = a.real / b.real
      const simulated = a.simulated / b.simulated

      return { name: `${arm} / ${other}`, real, simulated, holds: Math.abs(simulated / real - 1) <= TOLERANCE }
    }))
    const recallOf = (run: Pick<Results, 'results'>, arm: Arm): string => resultOf(run, arm, 'closest-peers')?.recall?.mean.toFixed(3) ?? ''

    return {
      finding: `${outcome.label}: ${pairs.map(({ name, real, simulated, holds }) => `${name} is ${formatRatio(real)} on real nodes and ${formatRatio(simulated)} in the model${holds ? '' : ', which is too far'}`).join('; ')}. Within ${100 * TOLERANCE}% agrees.`,
      tables: [
        {
          title: 'Ratios of medians',
          headings: ['arms', 'real nodes', 'model', 'agrees'],
          rows: pairs.map(({ name, real, simulated, holds }) => [name, formatRatio(real), formatRatio(simulated), holds ? 'yes' : 'no'])
        },
        {
          title: 'Medians, ms, and recall',
          headings: ['arm', 'real nodes', 'model', 'recall, real', 'recall, model'],
          rows: arms.map(arm => [arm, p50Of(arm).real.toFixed(0), p50Of(arm).simulated.toFixed(0), recallOf(measured, arm), recallOf(outcome, arm)])
        }
      ],
      figures: [],
      failed: pairs.some(({ holds }) => !holds)
    }
  }
}
