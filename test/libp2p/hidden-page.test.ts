import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { HiddenPage } from '../../src/libp2p/hidden-page.ts'

describe('a page', () => {
  let page: { document: EventTarget & { visibilityState: string }, window: EventTarget }
  let told: number
  let hiddenPage: HiddenPage

  beforeEach(() => {
    page = { document: Object.assign(new EventTarget(), { visibilityState: 'visible' }), window: new EventTarget() }
    vi.stubGlobal('document', page.document)
    vi.stubGlobal('window', page.window)
    onTestFinished(() => { vi.unstubAllGlobals() })
    told = 0
    hiddenPage = new HiddenPage(() => { told++ })
    hiddenPage.start()
  })

  function show (visibilityState: 'visible' | 'hidden'): void {
    page.document.visibilityState = visibilityState
    page.document.dispatchEvent(new Event('visibilitychange'))
  }

  test('that is hidden is told of, each time, and not when it is shown again', () => {
    show('hidden')
    expect(told).toBe(1)
    show('visible')
    expect(told).toBe(1)
    show('hidden')
    expect(told).toBe(2)
  })

  test('that is left is not told of, until it is shown again and hidden', () => {
    page.window.dispatchEvent(new Event('pagehide'))
    show('hidden')
    expect(told).toBe(0)
    page.window.dispatchEvent(new Event('pageshow'))
    show('visible')
    show('hidden')
    expect(told).toBe(1)
  })

  test('is not listened to after the stop', () => {
    hiddenPage.stop()
    show('hidden')
    expect(told).toBe(0)
  })
})

test('nothing happens outside of a page', () => {
  const hiddenPage = new HiddenPage(() => { throw new Error('there is no page') })

  hiddenPage.start()
  hiddenPage.stop()
})
