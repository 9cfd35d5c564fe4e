import { validateLookupParameters } from '../lookup/lookup-parameters.ts'
import { checkParameters } from '../score/check-parameters.ts'
import { InvalidParametersError } from '../score/invalid-parameters-error.ts'
import { validateScoreParameters } from '../score/score-parameters.ts'
import type { ScoringInit } from './scoring-init.ts'
import type { LookupParameters } from '../lookup/lookup-parameters.ts'
import type { ParameterRules } from '../score/check-parameters.ts'
import type { ScoreParameters } from '../score/score-parameters.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'

const SECOND = 1000
const HOUR = 3600 * SECOND

const RULES: ParameterRules<ScoringNumbers> = {
  epsilon: { default: 0.2, min: 0, max: 1 },
  minGoodPeers: { default: 20, min: 0, max: 100_000, integer: true },
  maxReplacements: { default: 1000, min: 0, max: 1_000_000, integer: true },
  warmStartDials: { default: 20, min: 0, max: 1000, integer: true },
  keepAlivePeers: { default: 10, min: 0, max: 1000, integer: true },
  flushIntervalMs: { default: 10 * SECOND, min: 100, max: HOUR }
}

const OTHERS: ReadonlyArray<keyof ScoringInit> = ['location', 'level', 'strictStore', 'parameters', 'lookup', 'selector', 'random', 'onLookupStep']

/** kad-dht's default; also what a lookup looks for where `kBucketSize: Infinity` makes a table of everybody */
const K = 20

/** kad-dht has no such limits; beyond them a lookup gains nothing */
const MAX_K = 1000
const MAX_DISJOINT_PATHS = 100

/** A lookup's requests at a time, unless `alpha` asks for more */
const MAX_IN_FLIGHT = 40

interface ScoringNumbers {
  epsilon: number
  minGoodPeers: number
  maxReplacements: number
  warmStartDials: number
  keepAlivePeers: number
  flushIntervalMs: number
}

/** The options of scoring, completed and checked */
export interface ScoringOptions extends ScoringNumbers, Pick<ScoringInit, 'location' | 'level' | 'selector' | 'onLookupStep'> {
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
    if (!Object.hasOwn(RULES, name)) {
      throw new InvalidParametersError(`scoring: there is no option ${name}, only ${[...Object.keys(RULES), ...OTHERS].join(', ')}`)
    }
  }

  const k = kadInit.kBucketSize ?? K

  return {
    ...checkParameters<ScoringNumbers>('scoring', RULES, numbers),
    location,
    level,
    strictStore,
    selector,
    random,
    onLookupStep,
    score: validateScoreParameters(parameters),
    lookup: validateLookupParameters({
      ...lookup,
      k: Number.isFinite(k) ? Math.min(k, MAX_K) : K,
      alpha: kadInit.alpha,
      maxInFlight: Math.max(kadInit.alpha ?? 0, lookup?.maxInFlight ?? MAX_IN_FLIGHT),
      disjointPaths: kadInit.disjointPaths == null ? undefined : Math.min(kadInit.disjointPaths, MAX_DISJOINT_PATHS)
    })
  }
}
