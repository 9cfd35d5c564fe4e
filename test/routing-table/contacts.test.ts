import { expect, test } from 'vitest'
import { Contacts } from '../../src/routing-table/contacts.ts'

const entryOf = (peer: number): { peer: number, kadId: Uint8Array } => ({ peer, kadId: Uint8Array.of(peer & 0xff) })

test('keeps one contact of a peer', () => {
  const contacts = new Contacts<number>(1, () => false)
  const contact = contacts.meet(entryOf(1))

  contact.triedAt = 5
  expect(contacts.meet(entryOf(1))).toBe(contact)
  expect(contacts.get(1)).toBe(contact)

  contacts.forget(1)
  expect(contacts.get(1)).toMatchObject({ triedAt: undefined, failsFast: false })
})

test('keeps those with a score and a bounded number of others, the newest', () => {
  const contacts = new Contacts<number>(1, peer => peer === 0)

  for (let peer = 0; peer < 20_000; peer++) {
    contacts.meet(entryOf(peer))
  }

  expect(contacts.get(0)).toBeDefined()
  expect(contacts.get(1)).toBe(undefined)
  expect(contacts.get(10_000)).toBeDefined()
  expect(contacts.get(9_999)).toBe(undefined)
})
