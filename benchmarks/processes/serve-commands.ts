/**
 * A message from the parent: carry a command out
 */
export interface CommandMessage {
  id: number
  command: string
  argument: unknown
}

/**
 * The answer to the command with the same id
 */
export type CommandReply =
  | { id: number, result: unknown }
  | { id: number, error: string }

/**
 * What a child process can be asked to do
 */
export type Commands = Record<string, (argument: never) => unknown>

/**
 * Makes this process a child that carries out its parent's commands and ends
 * with it. The parent's half is `ChildProcess`.
 */
export function serveCommands (commands: Commands): void {
  process.on('message', (message: CommandMessage) => {
    carryOut(commands, message).then(
      result => reply({ id: message.id, result }),
      err => reply({ id: message.id, error: err instanceof Error ? err.stack ?? err.message : String(err) })
    )
  })

  // no orphans: the channel closes however the parent ends
  process.on('disconnect', () => { process.exit() })

  // Ctrl-C reaches the whole process group, but how to end is the parent's decision
  process.on('SIGINT', () => {})
}

async function carryOut (commands: Commands, { command, argument }: CommandMessage): Promise<unknown> {
  return commands[command](argument as never)
}

function reply (message: CommandReply): void {
  // the parent may be gone: 'disconnect' ends this process then
  process.send?.(message, () => {})
}
