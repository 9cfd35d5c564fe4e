/**
 * A message from the parent that asks for a command
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
 * The commands of a child process
 */
export type Commands = Record<string, (argument: never) => unknown>

/**
 * Makes this process a child that carries out its parent's commands. It ends when its
 * parent ends. The parent uses it through `ChildProcess`.
 */
export function serveCommands (commands: Commands): void {
  process.on('message', (message: CommandMessage) => {
    carryOut(commands, message).then(
      result => reply({ id: message.id, result }),
      err => reply({ id: message.id, error: err instanceof Error ? err.stack ?? err.message : String(err) })
    )
  })

  // the channel closes however the parent ends, so no child is left behind
  process.on('disconnect', () => { process.exit() })

  // Ctrl-C reaches all processes of the group, but the parent decides how a child ends
  process.on('SIGINT', () => {})
}

async function carryOut (commands: Commands, { command, argument }: CommandMessage): Promise<unknown> {
  return commands[command](argument as never)
}

function reply (message: CommandReply): void {
  // the parent may be gone, and then 'disconnect' ends this process
  process.send?.(message, () => {})
}
