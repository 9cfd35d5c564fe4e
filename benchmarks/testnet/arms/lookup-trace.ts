import { equals } from 'uint8arrays/equals'
import type { LookupAction, LookupEvent, LookupStep } from '../../../src/index.ts'

/** Number of characters shown of a printable peer id. They are the last ones, because all ids start alike. */
const SHOWN_CHARACTERS = 6

/**
 * Writes down each step of a lookup in one line: what the lookup was told and what it
 * decided
 */
export class LookupTrace {
  readonly #key: Uint8Array
  #startedAt: number | undefined
  readonly #lines: string[] = []

  /**
   * @param key - Key of the lookup to write down, because other lookups run in the background
   */
  constructor (key: Uint8Array) {
    this.#key = key
  }

  get lines (): readonly string[] {
    return this.#lines
  }

  /** Called for every step of every lookup */
  add ({ key, event, actions }: LookupStep): void {
    if (!equals(key, this.#key) || (actions.length === 0 && event.type === 'cancelled')) {
      return
    }

    this.#startedAt ??= event.now
    const time = `+${Math.round(event.now - this.#startedAt)} ms`.padStart(9)

    this.#lines.push(`${time}  ${describeEvent(event)}`)
    this.#lines.push(...actions.map(action => `${' '.repeat(9)}    ${describeAction(action, this.#startedAt ?? 0)}`))
  }
}

function describeEvent (event: LookupEvent<string>): string {
  switch (event.type) {
    case 'started':
      return 'started'
    case 'connected':
      return `${shown(event.peer)} is connected`
    case 'signOfLife':
      return `${shown(event.peer)} gave a sign of life${event.news ? ', it could not be reached the last time' : ''}`
    case 'responded':
      return `${shown(event.peer)} answered and named ${event.closer.length} peers that are new`
    case 'checked':
      return `${shown(event.peer)} ${event.dialable ? 'can be dialled' : 'can not be dialled'}`
    case 'failed':
      return `${shown(event.peer)} failed`
    case 'softDeadlinePassed':
      return `${shown(event.peer)} is late: its slot is free`
    case 'timerFired':
      return 'the time to wait was over'
    case 'satisfied':
      return 'the operation has what it wanted'
    case 'cancelled':
      return 'the operation was given up'
    default:
      return event satisfies never
  }
}

function describeAction (action: LookupAction<string>, startedAt: number): string {
  switch (action.type) {
    case 'query':
      return `ask ${shown(action.peer)} (${action.reason}): number ${action.rank + 1} by distance, score ${action.score.toFixed(2)}, expected in ${Math.round(action.expectedWaitMs)} ms, late after ${Math.round(action.softDeadlineMs)} ms`
    case 'cancel':
      return `no need to wait for ${shown(action.peer)}`
    case 'setTimer':
      return `whoever is waited for has until +${Math.round(action.atMs - startedAt)} ms`
    case 'finish':
      return `finish (${action.reason}): ${action.closest.length} closest peers`
    default:
      return action satisfies never
  }
}

function shown (peer: string): string {
  return `…${peer.slice(-SHOWN_CHARACTERS)}`
}
