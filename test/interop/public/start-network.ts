import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { startMixedNetwork } from './mixed-network.ts'

/*
 * Starts a mixed network of Go servers, says how to run the public benchmark on it, and keeps
 * it until it is interrupted: npx node test/interop/public/start-network.ts --nodes 2000
 */

const { values: { nodes } } = parseArgs({ options: { nodes: { type: 'string', default: '2000' } } })
const network = await startMixedNetwork({ servers: Number(nodes), protocol: '/ipfs/kad/1.0.0', k: 20 })

console.log(`npm run benchmark -- public --dns ${network.dns} --bootstrap ${network.bootstrap.join(',')}`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
console.log(`${network.asked.length} names were asked for, ${network.strays()} connections went to private addresses`)
await network.stop()
