import { fork } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { CommandReply, Commands } from './serve-commands.ts'
import type { ChildProcess as NodeChildProcess } from 'node:child_process'

/** Limit of a child's error output that is kept, characters. It is shown when the child ends unexpectedly. */
const MAX_STDERR = 4000

type Argument<C extends Commands, Name extends keyof C> = Parameters<C[Name]>[0]
type Result<C extends Commands, Name extends keyof C> = Awaited<ReturnType<C[Name]>>

/**
 * A child process, as its parent sees it. It is killed at once by `kill`, or when the
 * parent ends. The child itself runs `serveCommands`.
 */
export class ChildProcess<C extends Commands> {
  readonly #child: NodeChildProcess
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #name: string
  readonly #ended: Promise<void>
  #nextId = 0
  #stderr = ''

  /**
   * @param module - The module that the child runs
   * @param name - For error messages
   */
  constructor (module: URL, name: string) {
    this.#name = name
    this.#child = fork(module, { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR)
    })
    this.#child.on('message', (reply: CommandReply) => { this.#settle(reply) })
    this.#child.on('error', err => { this.#fail(err) })

    const ended = Promise.withResolvers<void>()
    this.#ended = ended.promise
    this.#child.on('close', (code, signal) => {
      this.#fail(new Error(`the ${name} process ended unexpectedly (${signal ?? `exit code ${code}`})${this.#stderr === '' ? '' : `: ${this.#stderr.trim()}`}`))
      ended.resolve()
    })
  }

  /**
   * Have the child carry out a command
   *
   * @throws {Error} The command failed, or the child is gone. The message says which child.
   */
  async call<Name extends keyof C & string> (command: Name, argument: Argument<C, Name>): Promise<Result<C, Name>> {
    const id = this.#nextId++
    const pending = Promise.withResolvers<unknown>()

    this.#pending.set(id, pending)
    this.#child.send({ id, command, argument }, err => {
      if (err != null) {
        this.#settle({ id, error: err.message })
      }
    })

    return pending.promise as Promise<Result<C, Name>>
  }

  /**
   * Wait for the process to end by itself
   *
   * @returns False when it did not end in time
   */
  async ends (withinMs: number): Promise<boolean> {
    const waiting = new AbortController()

    try {
      return await Promise.race([
        this.#ended.then(() => true),
        delay(withinMs, false, waiting)
      ])
    } finally {
      waiting.abort()
    }
  }

  /**
   * End the process and wait until it is gone
   */
  async kill (): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  #settle (reply: CommandReply): void {
    const pending = this.#pending.get(reply.id)

    this.#pending.delete(reply.id)

    if ('error' in reply) {
      pending?.reject(new Error(`${this.#name}: ${reply.error}`))
    } else {
      pending?.resolve(reply.result)
    }
  }

  #fail (err: Error): void {
    for (const pending of this.#pending.values()) {
      pending.reject(err)
    }

    this.#pending.clear()
  }
}
