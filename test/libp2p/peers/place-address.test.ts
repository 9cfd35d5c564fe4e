import { describe, expect, test } from 'vitest'
import { placeAddress, sortAddresses } from '../../../src/libp2p/peers/place-address.ts'
import type { AddressRecord } from '../../../src/libp2p/peers/place-address.ts'

interface Named extends AddressRecord {
  name: string
}

/** An address of the first answer that was never dialled, unless said otherwise */
function address (name: string, record: Partial<AddressRecord> = {}): Named {
  return { name, reliability: 0.5, workedAt: undefined, named: 1, naming: 1, kind: 'tcp', relayed: false, ...record }
}

function namesAfter (kept: Named[], added: Named, maxAddresses = kept.length): { isKept: boolean, names: string[] } {
  const addresses = [...kept]
  const isKept = placeAddress(addresses, added, maxAddresses)

  return { isKept, names: addresses.map(({ name }) => name).sort() }
}

describe('an address of a peer', () => {
  test('is kept while there is room', () => {
    expect(namesAfter([address('a')], address('b'), 2)).toEqual({ isKept: true, names: ['a', 'b'] })
  })

  test.each<[string, Named[], Named, string | undefined]>([
    ['an address that failed and never worked goes first', [address('a', { reliability: 0.3 }), address('b')], address('new'), 'a'],
    ['of several the one that failed most', [address('a', { reliability: 0.3 }), address('b', { reliability: 0.2 })], address('new'), 'b'],
    ['and none for another that failed', [address('a', { reliability: 0.3 }), address('b')], address('new', { reliability: 0.4 }), undefined],
    ['a stranger makes no room for a stranger of the same answer and kind', [address('a'), address('b')], address('new'), undefined],
    ['it does for one of a kind that has fewer places', [address('a'), address('b')], address('new', { kind: 'quic' }), 'b'],
    ['and for one of another answer, which has fewer', [address('a'), address('b')], address('new', { naming: 2 }), 'b'],
    ['but not where both answers have as many', [address('a'), address('b', { naming: 2 })], address('new', { naming: 2 }), undefined],
    ['who is named least goes', [address('a', { named: 5 }), address('b', { named: 1 }), address('c', { named: 5 })], address('new', { naming: 2 }), 'b'],
    ['one that has worked makes no room for a stranger', [address('a', { reliability: 0.65, workedAt: 1 })], address('new'), undefined],
    ['even when it fails now', [address('a', { reliability: 0.2, workedAt: 1 })], address('new'), undefined],
    ['unless another has worked since', [address('a', { reliability: 0.2, workedAt: 1 }), address('b', { reliability: 0.65, workedAt: 2 })], address('new'), 'a'],
    ['a stranger makes room for one that has worked', [address('a', { reliability: 0.9, workedAt: 1 }), address('b')], address('new', { reliability: 0.65, workedAt: 2 }), 'b'],
    ['and so does one that worked less well', [address('a', { reliability: 0.9, workedAt: 1 }), address('b', { reliability: 0.6, workedAt: 2 })], address('new', { reliability: 0.65, workedAt: 3 }), 'b'],
    ['but not one that worked better', [address('a', { reliability: 0.9, workedAt: 1 })], address('new', { reliability: 0.65, workedAt: 3 }), undefined]
  ])('is kept in place of another or not: %s', (_, kept, added, victim) => {
    const names = kept.map(({ name }) => name)

    expect(namesAfter(kept, added)).toEqual(victim === undefined
      ? { isKept: false, names }
      : { isKept: true, names: [...names.filter(name => name !== victim), 'new'].sort() })
  })

  test('comes where it belongs: the most reliable first, then those without a relay, then those named most', () => {
    const addresses = [
      address('relayed', { relayed: true, named: 9 }),
      address('rarely named'),
      address('often named', { named: 3 }),
      address('poor', { reliability: 0.2, named: 9 }),
      address('reliable', { reliability: 0.8, relayed: true })
    ]
    sortAddresses(addresses)

    expect(addresses.map(({ name }) => name)).toEqual(['reliable', 'often named', 'rarely named', 'relayed', 'poor'])
  })

  test('that is kept takes its place in that order', () => {
    const addresses = [address('a'), address('b')]
    placeAddress(addresses, address('new', { named: 2 }), 3)

    expect(addresses[0].name).toBe('new')
  })
})
