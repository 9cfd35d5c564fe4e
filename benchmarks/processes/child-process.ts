import { setTimeout as delay } from 'node:timers/promises'
import type { CommandMessage, CommandReply, Commands } from './serve-commands.ts'
import type { ChildProcess as NodeChildProcess } from 'node:child_process'

/** Limit of a child's error output that is kept, characters. It is shown when the child ends unexpectedly. */
const MAX_STDERR = 4000

type Argument<C extends Commands, Name extends keyof C> = Parameters<C[Name]>[0]
type Result<C extends Commands, Name extends keyof C> = Awaited<ReturnType<C[Name]>>

/**
 * A process that was started, and how messages go to it and come back
 */
export interface CommandChannel {
  /** Its standard error output is open to be read */
  process: NodeChildProcess
  /**
   * @param onError - Called when the message could not be sent
   */
  send (message: CommandMessage, onError: (err: Error) => void): void
  /**
   * @param onReply - To be called with each reply
   */
  listen (onReply: (reply: CommandReply) => void): void
}

/**
 * A child process that carries out commands, as its parent sees it. It is killed at once
 * by `kill`, or when the parent ends.
 */
export class ChildProcess<C extends Commands> {
  readonly #channel: CommandChannel
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #name: string
  readonly #ended: Promise<void>
  #nextId = 0
  #stderr = ''

  /**
   * @param name - For error messages
   */
  constructor (channel: CommandChannel, name: string) {
    const { process } = channel

    this.#name = name
    this.#channel = channel
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR)
    })
    channel.listen(reply => { this.#settle(reply) })
    process.on('error', err => { this.#fail(err) })

    const ended = Promise.withResolvers<void>()
    this.#ended = ended.promise
    process.on('close', (code, signal) => {
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
    this.#channel.send({ id, command, argument }, err => { this.#settle({ id, error: err.message }) })

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
    this.#channel.process.kill('SIGKILL')
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
