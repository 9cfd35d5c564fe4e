import { raceSignal } from 'race-signal'
import { firstLine } from '../command-line/first-line.ts'
import type { Traffic, TrafficLedger } from './traffic-ledger.ts'

export interface TimedOperation {
  /** A failure counts as the time limit */
  timeMs: number
  failed: boolean
  /** Why it failed, one line */
  reason?: string
  /** Printable ids of what was found; empty after a failure */
  found: string[]
  /** What the node did while the operation ran */
  traffic: Traffic
}

/**
 * Carry an operation out under a time limit and with the clock running
 *
 * @param timeoutMs - After that it has failed, even if it overlooks its signal
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
