/**
 * Tells when the page that a node runs in is hidden. A browser slows down the timers of a
 * hidden page, and may freeze or end it without another word. Outside of a page nothing
 * happens.
 *
 * A page that is left for another is not told of. A database has no time there to end what
 * is begun: it is lost, and the browser can't keep the page for the way back.
 */
export class HiddenPage {
  readonly #onHidden: () => void
  #isLeft = false

  /**
   * @param onHidden - Must not throw
   */
  constructor (onHidden: () => void) {
    this.#onHidden = onHidden
  }

  /** Begin to listen. A second call does nothing. */
  start (): void {
    globalThis.window?.addEventListener('pagehide', this.#leave)
    globalThis.window?.addEventListener('pageshow', this.#comeBack)
    globalThis.document?.addEventListener('visibilitychange', this.#change)
  }

  stop (): void {
    globalThis.window?.removeEventListener('pagehide', this.#leave)
    globalThis.window?.removeEventListener('pageshow', this.#comeBack)
    globalThis.document?.removeEventListener('visibilitychange', this.#change)
  }

  // a page that is left is hidden after this
  readonly #leave = (): void => { this.#isLeft = true }

  readonly #comeBack = (): void => { this.#isLeft = false }

  readonly #change = (): void => {
    if (globalThis.document.visibilityState === 'hidden' && !this.#isLeft) {
      this.#onHidden()
    }
  }
}
