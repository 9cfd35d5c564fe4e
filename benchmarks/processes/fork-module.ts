import { fork } from 'node:child_process'
import { ChildProcess } from './child-process.ts'
import type { CommandReply, Commands } from './serve-commands.ts'

/**
 * Start a process that runs a module of ours, which calls `serveCommands`
 *
 * @param name - For error messages
 */
export function forkModule<C extends Commands> (module: URL, name: string): ChildProcess<C> {
  const child = fork(module, { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })

  return new ChildProcess<C>({
    process: child,
    send (message, onError) {
      child.send(message, err => {
        if (err != null) {
          onError(err)
        }
      })
    },
    listen (onReply) {
      child.on('message', (reply: CommandReply) => { onReply(reply) })
    }
  }, name)
}
