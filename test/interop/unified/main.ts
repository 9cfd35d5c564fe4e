import { Coordination } from './coordination.ts'
import { createNode } from './create-node.ts'
import { readEnvironment } from './environment.ts'
import { bootstrap, provider, querier } from './roles.ts'

/*
 * One role of a test of the unified interop: see README.md. Lines that begin with `status:` or
 * `error:` are the result; the steps are told on standard error.
 */

/** All that the querier does has to be done within this time, ms: the framework ends the test after 180 s */
const LIMIT_MS = 150_000

try {
  const environment = readEnvironment(process.env)
  const coordination = await Coordination.connect(environment)
  const node = await createNode(environment)
  const init = { node, coordination, testKey: environment.testKey, log: (text: string) => { console.error(text) } }

  switch (environment.role) {
    case 'bootstrap':
      await bootstrap(init)
      break
    case 'provider':
      await provider(init)
      break
    case 'querier':
      setTimeout(() => { fail(new Error(`there was no result within ${LIMIT_MS / 1000} s`)) }, LIMIT_MS)
      await querier(init)
      console.log('status: pass')
      // the others stay until they are ended
      process.exit(0)
      break
    default:
      environment.role satisfies never
  }
} catch (err) {
  fail(err)
}

function fail (err: Error): never {
  // one line, as the framework reads lines
  console.log(`error: ${err.message.replaceAll(/\s+/g, ' ')}`)
  console.log('status: fail')
  process.exit(1)
}
