import { InvalidMessageError } from '@libp2p/interface'
import type { OverrideParts } from '../../override-parts.ts'
import type { KadDHT, Validators } from '@libp2p/kad-dht'

/**
 * Refuse values that others put here when we have a better one, as Go's servers do. kad-dht
 * takes each valid value, so whoever has kept an old record of a name could bring it back.
 *
 * @param validators - What a value has to pass before it is stored. Users add to it later.
 */
export function refuseOlderValues (validators: Validators, { dht }: Pick<OverrideParts, 'dht'>): Validators {
  return new Proxy(validators, {
    get (target, namespace: string) {
      const validate = target[namespace]

      if (typeof validate !== 'function') {
        return validate
      }

      const check: KadDHT['validators'][string] = async (key, value, options) => {
        await validate(key, value, options)

        // to know which of two is better takes a selector
        const select = dht.selectors[namespace]
        const held = select === undefined ? undefined : await dht.contentFetching.getLocal(key).catch(() => undefined)

        if (held !== undefined && await select(key, [value, held.value]) !== 0) {
          throw new InvalidMessageError('There is a better value already')
        }
      }

      return check
    }
  })
}
