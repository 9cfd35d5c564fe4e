import { format } from 'node:util'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * A logger that keeps errors, whichever component they are of
 */
export function errorsTo (errors: string[]): ComponentLogger {
  const forComponent = (): Logger => Object.assign(() => {}, {
    error: (formatter: unknown, ...args: unknown[]) => { errors.push(format(formatter, ...args)) },
    trace: () => {},
    enabled: false,
    newScope: forComponent
  })

  return { forComponent }
}
