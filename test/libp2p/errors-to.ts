import { format } from 'node:util'
import type { ComponentLogger, Logger } from '@libp2p/interface'

/**
 * A logger that keeps what is logged as an error, and what `info` is given for is logged otherwise
 */
export function errorsTo (errors: string[], info: string[] = []): ComponentLogger {
  const forComponent = (): Logger => Object.assign((formatter: unknown, ...args: unknown[]) => { info.push(format(formatter, ...args)) }, {
    error: (formatter: unknown, ...args: unknown[]) => { errors.push(format(formatter, ...args)) },
    trace: () => {},
    enabled: false,
    newScope: forComponent
  })

  return { forComponent }
}
