/**
 * A selector chose something that it was not offered. The message names the selector, the
 * choice and what is allowed. The lookup asks the best candidate instead and goes on, so
 * this error is logged and not thrown.
 */
export class InvalidSelectorError extends Error {
  static name = 'InvalidSelectorError'

  /** The name of the selector's class */
  readonly selector: string

  /** What its `select` returned */
  readonly choice: unknown

  constructor (message: string, { selector, choice }: { selector: string, choice: unknown }) {
    super(message)
    this.name = 'InvalidSelectorError'
    this.selector = selector
    this.choice = choice
  }
}
