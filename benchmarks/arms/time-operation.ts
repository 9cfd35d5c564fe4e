import { raceSignal } from 'race-signal'
import type { Traffic, TrafficLedger } from './traffic-ledger.ts'

export interface TimedOperation {
  /** A failure counts as the time limit */
  timeMs: number
  failed: boolean
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
  let failed = false

  try {
    found = await raceSignal(operation(signal), signal)
  } catch {
    failed = true
  }

  const to = performance.now()

  return { timeMs: failed ? timeoutMs : to - from, failed, found, traffic: ledger.close(from, to) }
}
