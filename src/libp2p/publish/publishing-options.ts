import { validateBulkParameters } from '../../parameters/bulk-parameters.ts'
import { InvalidParametersError } from '../../parameters/invalid-parameters-error.ts'
import { validatePublishParameters } from '../../parameters/publish-parameters.ts'
import type { BulkParameters, BulkParametersInit } from '../../parameters/bulk-parameters.ts'
import type { PublishParameters, PublishParametersInit } from '../../parameters/publish-parameters.ts'
import type { Database } from '../../persistence/database.ts'

/**
 * The options of puts. All of them are optional.
 */
export interface PublishingInit extends PublishParametersInit {
  /**
   * Directory of the LevelDB database that keeps the keys of bulk puts. One process at a time can
   * use it, and each DHT of a node needs its own. It is no cache, and not the one of the scores.
   *
   * @default The node's datastore, if that is a LevelDB; else the keys are forgotten when the node stops
   */
  location?: string

  /** Keep the keys in this database of yours instead. The node neither opens nor closes it. */
  level?: Database

  /** How bulk puts go */
  bulk?: BulkParametersInit
}

/** The options of puts, completed and checked */
export interface PublishingOptions extends PublishParameters, Pick<PublishingInit, 'location' | 'level'> {
  bulk: BulkParameters
}

/**
 * Fill in the defaults of the options of puts, and check all of them.
 *
 * @param k - How many holders a record has
 * @throws {InvalidParametersError} An option is not allowed; the message names it, its value and what is allowed
 */
export function validatePublishingInit ({ location, level, bulk, ...numbers }: PublishingInit, k: number): PublishingOptions {
  if (location !== undefined && level !== undefined) {
    throw new InvalidParametersError('publishing: location and level are both given, only one of them can keep the keys')
  }

  if (location === '') {
    throw new InvalidParametersError('publishing: location is "", allowed is the path of a directory')
  }

  return { ...validatePublishParameters(numbers, k), location, level, bulk: validateBulkParameters(bulk ?? {}, k) }
}
