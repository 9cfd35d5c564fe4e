import { checkParameters } from '../parameters/check-parameters.ts'
import { InvalidParametersError } from '../parameters/invalid-parameters-error.ts'
import { KAD_DHT_DEFAULTS } from '../parameters/kad-dht-defaults.ts'
import { LOOKUP_RULES, validateLookupParameters } from '../parameters/lookup-parameters.ts'
import { validateScoreParameters } from '../parameters/score-parameters.ts'
import { SCORING_RULES } from '../parameters/scoring-parameters.ts'
import type { ScoringInit } from './scoring-init.ts'
import type { LookupParameters } from '../parameters/lookup-parameters.ts'
import type { ScoreParameters } from '../parameters/score-parameters.ts'
import type { ScoringParameters } from '../parameters/scoring-parameters.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'

const OTHERS: ReadonlyArray<keyof ScoringInit> = ['location', 'level', 'strictStore', 'parameters', 'lookup', 'selector', 'random', 'onLookupStep']

/** The options of scoring, completed and checked */
export interface ScoringOptions extends ScoringParameters, Pick<ScoringInit, 'location' | 'level' | 'selector' | 'onLookupStep'> {
  score: ScoreParameters
  lookup: LookupParameters
  random: () => number
  strictStore: boolean
}

/**
 * Complete the options of scoring and check them.
 *
 * @param kadInit - kad-dht's options: `kBucketSize`, `alpha` and `disjointPaths` apply to our lookups too
 * @throws {InvalidParametersError} Naming the option, its value and what is allowed
 */
export function validateScoringInit (init: ScoringInit, kadInit: KadDHTInit): ScoringOptions {
  const { location, level, strictStore = false, parameters, lookup, selector, random = Math.random, onLookupStep, ...numbers } = init

  if (location != null && level != null) {
    throw new InvalidParametersError('scoring: location and level are both given, only one of them can keep the scores')
  }

  if (location === '') {
    throw new InvalidParametersError('scoring: location is "", allowed is the path of a directory')
  }

  if (typeof strictStore !== 'boolean') {
    throw new InvalidParametersError(`scoring: strictStore is ${String(strictStore)}, allowed are true and false`)
  }

  for (const name of Object.keys(numbers)) {
    if (!Object.hasOwn(SCORING_RULES, name)) {
      throw new InvalidParametersError(`scoring: there is no option ${name}, only ${[...Object.keys(SCORING_RULES), ...OTHERS].join(', ')}`)
    }
  }

  const k = kadInit.kBucketSize ?? KAD_DHT_DEFAULTS.kBucketSize

  return {
    ...checkParameters<ScoringParameters>('scoring', SCORING_RULES, numbers),
    location,
    level,
    strictStore,
    selector,
    random,
    onLookupStep,
    score: validateScoreParameters(parameters),
    lookup: validateLookupParameters({
      ...lookup,
      // kad-dht has no such limits; beyond them a lookup gains nothing
      k: Number.isFinite(k) ? Math.min(k, LOOKUP_RULES.k.max) : KAD_DHT_DEFAULTS.kBucketSize,
      alpha: kadInit.alpha,
      maxInFlight: Math.max(kadInit.alpha ?? 0, lookup?.maxInFlight ?? LOOKUP_RULES.maxInFlight.default),
      disjointPaths: kadInit.disjointPaths == null ? undefined : Math.min(kadInit.disjointPaths, LOOKUP_RULES.disjointPaths.max)
    })
  }
}
