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
import type { ScoreStore } from '../persistence/score-store.ts'
import type { PeerSelector } from '../selection/peer-selector.ts'
import type { KadDHTInit } from '@libp2p/kad-dht'

const OTHERS: ReadonlyArray<keyof ScoringInit> = ['location', 'level', 'store', 'strictStore', 'parameters', 'lookup', 'selector', 'random', 'onLookupStep']

/** The options of scoring, completed and checked */
export interface ScoringOptions extends ScoringParameters, Pick<ScoringInit, 'location' | 'level' | 'store' | 'selector' | 'onLookupStep'> {
  score: ScoreParameters
  lookup: LookupParameters
  random: () => number
  strictStore: boolean
}

/**
 * Fill in the defaults of the options of scoring, and check all of them.
 *
 * @param kadInit - kad-dht's options: `kBucketSize`, `alpha` and `disjointPaths` apply to our lookups too
 * @throws {InvalidParametersError} An option is not allowed; the message names it, its value and what is allowed
 */
export function validateScoringInit (init: ScoringInit, kadInit: KadDHTInit): ScoringOptions {
  const { strictStore = false, parameters, lookup, selector, store, random = Math.random, onLookupStep, location: anyLocation, level: anyLevel, ...numbers } = init
  // JavaScript may say null for nothing
  const location = anyLocation ?? undefined
  const level = anyLevel ?? undefined

  checkKeepers({ location, level, store })
  checkMethods<ScoreStore>('store', store, ['open', 'load', 'write', 'clear', 'close'])
  checkMethods<PeerSelector>('selector', selector, ['select'])

  if (selector !== undefined && numbers.epsilon !== undefined) {
    throw new InvalidParametersError('scoring: epsilon and selector are both given, but epsilon is of the epsilon-greedy selector, whose place the selector takes')
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
    store,
    strictStore,
    selector,
    random,
    onLookupStep,
    score: validateScoreParameters(parameters),
    lookup: validateLookupParameters({
      ...lookup,
      // kad-dht has no upper limit of k; a lookup gains nothing from a higher one
      k: Number.isFinite(k) ? Math.min(k, LOOKUP_RULES.k.max) : KAD_DHT_DEFAULTS.kBucketSize,
      alpha: kadInit.alpha,
      maxInFlight: Math.max(kadInit.alpha ?? 0, lookup?.maxInFlight ?? LOOKUP_RULES.maxInFlight.default),
      disjointPaths: kadInit.disjointPaths === undefined ? undefined : Math.min(kadInit.disjointPaths, LOOKUP_RULES.disjointPaths.max)
    })
  }
}

function checkKeepers (keepers: Pick<ScoringInit, 'location' | 'level' | 'store'>): void {
  const given = Object.entries(keepers).filter(([, keeper]) => keeper !== undefined).map(([name]) => name)

  if (given.length > 1) {
    throw new InvalidParametersError(`scoring: ${given.join(' and ')} are ${given.length === 2 ? 'both' : 'all'} given, only one of them can keep the scores`)
  }
}

/** Check that an option of the user has all methods it needs. In JavaScript no types check this. */
function checkMethods<T extends object> (option: string, value: T | undefined, methods: Array<keyof T & string>): void {
  const missing = value === undefined ? [] : methods.filter(method => typeof value?.[method] !== 'function')

  if (missing.length > 0) {
    throw new InvalidParametersError(`scoring: ${option} has no function ${missing.join(', ')}, allowed is an object with ${methods.join(', ')}`)
  }
}
