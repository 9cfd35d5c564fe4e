import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ChildProcess } from './child-process.ts'
import type { Commands } from './serve-commands.ts'

/**
 * Start a program of another implementation. Commands go to its standard input, replies
 * come from its standard output, one JSON object a line. Bytes that are sent are base64.
 * The program ends when its input does, so none is left behind.
 *
 * @param path - The program
 * @param name - For error messages
 */
export function spawnProgram<C extends Commands> (path: string, name: string, args: readonly string[] = []): ChildProcess<C> {
  // in a group of its own, as Ctrl-C reaches all processes of a group, but the parent decides how a child ends
  const child = spawn(path, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })

  // a program that is gone is told by its end
  child.stdin.on('error', () => {})

  return new ChildProcess<C>({
    process: child,
    send (message, onError) {
      child.stdin.write(`${JSON.stringify(message, bytesAsBase64)}\n`, err => {
        if (err != null) {
          onError(err)
        }
      })
    },
    listen (onReply) {
      createInterface({ input: child.stdout }).on('line', line => { onReply(JSON.parse(line)) })
    }
  }, name)
}

/** A replacer of JSON.stringify. It looks at the original, as a Buffer has become something else by then. */
function bytesAsBase64 (this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key]

  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value
}
