import { expect, test } from 'vitest'
import { BackgroundRequests } from '../../src/lookup/background-requests.ts'

test('lets three late requests to one peer run on', () => {
  const background = new BackgroundRequests<string>()
  const requests = [{}, {}, {}, {}]

  expect(requests.map(request => background.admit('peer', request))).toEqual(['admitted', 'admitted', 'admitted', 'enough'])
  expect(background.admit('other', {})).toBe('admitted')

  background.ended('peer', requests[1])
  expect(background.admit('peer', requests[3])).toBe('admitted')
})

test('lets 256 run on in all', () => {
  const background = new BackgroundRequests<number>()
  const request = {}

  for (let peer = 0; peer < 256; peer++) {
    expect(background.admit(peer, request)).toBe('admitted')
  }

  expect(background.admit(256, request)).toBe('full')
  background.ended(7, request)
  expect(background.admit(256, request)).toBe('admitted')
})

test('takes the end of a request that never ran on for nothing', () => {
  const background = new BackgroundRequests<number>()

  background.ended(1, {})
  expect(background.admit(1, {})).toBe('admitted')
})
