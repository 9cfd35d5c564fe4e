import { describeStoreFailure } from '../explain-store-failure.ts'
import { PublishStoreError } from './publish-store-error.ts'
import type { StoreWording } from '../explain-store-failure.ts'

/** Unlike scores, keys can't be learned anew: nobody is told to delete them */
const PUBLISHED_KEYS: StoreWording = { content: 'published keys', whenDamaged: 'move it away, a new one is then begun, and add the keys again' }

/**
 * Makes a `PublishStoreError` of whatever an engine threw, which need not be an error
 *
 * @param store - What the message begins with: `published keys at ./published`
 * @param doing - What can't be done: `opened`, `read`, `written`
 */
export function explainPublishFailure (store: string, doing: string, thrown: unknown): PublishStoreError {
  if (thrown instanceof PublishStoreError) {
    return thrown
  }

  const { problem, message } = describeStoreFailure(store, doing, thrown, PUBLISHED_KEYS)

  return new PublishStoreError(message, { problem, cause: thrown })
}
