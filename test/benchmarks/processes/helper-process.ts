import { forkModule } from '../../../benchmarks/processes/fork-module.ts'
import { serveCommands } from '../../../benchmarks/processes/serve-commands.ts'

export type HelperCommands = typeof commands

/** What the tests have a child process do */
const commands = {
  pid: (_: null) => process.pid,
  echo: <T> (value: T) => value,
  fail (thrown: unknown) { throw thrown },
  never: async (_: null) => new Promise(() => {}),

  /** Answers when the next command has come */
  async afterTheNext (value: string) {
    await new Promise(resolve => { process.once('message', resolve) })

    return value
  },

  exit ({ code, lastWords }: { code: number, lastWords: string }) {
    process.stderr.write(lastWords, () => { process.exit(code) })

    return new Promise(() => {})
  },

  /** It has something to do from now on, so that it does not end by itself */
  keepBusy (_: null) {
    setInterval(() => {}, 1_000)
  },

  /** A busy child of its own, which it does not kill */
  async startAnother (_: null): Promise<number> {
    const child = forkModule<HelperCommands>(new URL(import.meta.url), 'grandchild')

    await child.call('keepBusy', null)

    return child.call('pid', null)
  }
}

serveCommands(commands)
