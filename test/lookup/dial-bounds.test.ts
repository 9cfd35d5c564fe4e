import { describe, expect, test } from 'vitest'
import { DialBounds } from '../../src/lookup/dial-bounds.ts'
import type { DialPlace } from '../../src/lookup/dial-bounds.ts'

describe('DialBounds', () => {
  test('lets four dials at a time go to one endpoint that never answered', () => {
    const bounds = new DialBounds()

    expect(Array.from({ length: 6 }, () => bounds.begin(place(1)))).toEqual([true, true, true, true, false, false])
    expect(bounds.fullAt(place(1))).toBe(place(1).endpoint)

    bounds.ended(place(1))
    expect(bounds.begin(place(1))).toBe(true)
    expect(bounds.begin(place(1))).toBe(false)
  })

  test('lets ten dials at a time go to one host, whatever the ports', () => {
    const bounds = new DialBounds()
    const begun = Array.from({ length: 200 }, (_, port) => bounds.begin(place(port)))

    expect(begun.filter(isBegun => isBegun)).toHaveLength(10)
    expect(bounds.fullAt(place(300))).toBe('host')
    expect(bounds.begin({ host: 'other', endpoint: 'other 1' })).toBe(true)
  })

  test('lets the more go to a host, the more of its ports have answered', () => {
    const bounds = new DialBounds()

    for (let port = 0; port < 30; port++) {
      bounds.worked(place(port))
    }

    expect(Array.from({ length: 200 }, (_, port) => bounds.begin(place(1000 + port))).filter(isBegun => isBegun)).toHaveLength(100)
    expect(Array.from({ length: 6 }, () => bounds.begin({ ...place(1), host: 'host of its own' })).filter(isBegun => isBegun)).toHaveLength(5)
  })

  test('never lets more than twenty go to one endpoint, such as a relay', () => {
    const bounds = new DialBounds()

    for (let peer = 0; peer < 200; peer++) {
      bounds.worked(place(1))
    }

    expect(Array.from({ length: 200 }, () => bounds.begin(place(1))).filter(isBegun => isBegun)).toHaveLength(20)
  })

  test('holds out no hope of an endpoint where four had no answer, for ten seconds after the last', () => {
    const bounds = new DialBounds()

    for (let dial = 0; dial < 4; dial++) {
      expect(bounds.isSilent(place(1), 1_000)).toBe(false)
      bounds.unanswered(place(1), 1_000)
    }

    expect(bounds.isSilent(place(1), 11_000)).toBe(true)
    expect(bounds.isSilent(place(1), 11_001)).toBe(false)
    expect(bounds.isSilent(place(2), 1_000)).toBe(false)
    bounds.worked(place(1))
    expect(bounds.isSilent(place(1), 1_000)).toBe(false)
  })

  test('forgets the places that answered longest ago', () => {
    const bounds = new DialBounds()
    bounds.worked({ host: 'first', endpoint: 'first 1' })

    for (let index = 0; index < 2_000; index++) {
      bounds.worked({ host: `host ${index}`, endpoint: `host ${index} 1` })
    }

    expect(Array.from({ length: 6 }, () => bounds.begin({ host: 'first', endpoint: 'first 1' })).filter(isBegun => isBegun)).toHaveLength(4)
    expect(Array.from({ length: 6 }, () => bounds.begin({ host: 'host 1999', endpoint: 'host 1999 1' })).filter(isBegun => isBegun)).toHaveLength(5)
  })
})

function place (port: number): DialPlace {
  return { host: 'host', endpoint: `host ${port}` }
}
