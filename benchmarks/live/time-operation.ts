import { raceSignal } from 'race-signal'
import { firstLine } from '../command-line/first-line.ts'
import type { Traffic, TrafficLedger } from './traffic-ledger.ts'

export interface TimedOperation {
  /** Time that the operation took, ms. After a failure it is the time limit. */
  timeMs: number
  failed: boolean
  /** The reason of a failure, in one line */
  reason?: string
  /** Printable ids of what was found. Empty after a failure. */
  found: string[]
  /** The node's traffic while the operation ran */
  traffic: Traffic
}

/**
 * Carry an operation out under a time limit, and measure its time
 *
 * @param timeoutMs - After this time the operation has failed, even if it ignores its signal
 */
export async function timeOperation (operation: (signal: AbortSignal) => Promise<string[]>, timeoutMs: number, ledger: TrafficLedger): Promise<TimedOperation> {
  const signal = AbortSignal.timeout(timeoutMs)
  const from = performance.now()
  let found: string[] = []
  let reason: string | undefined

  try {
    found = await raceSignal(operation(signal), signal)
  } catch (err) {
    reason = signal.aborted ? `nothing within ${timeoutMs} ms` : firstLine(err)
  }

  const to = performance.now()
  const failed = reason !== undefined

  return { timeMs: failed ? timeoutMs : to - from, failed, reason, found, traffic: ledger.close(from, to) }
}
