import { startNode } from './start-node.js'

// a server that says its address, and ends when its standard input does
async function main () {
  const node = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0'] }, { clientMode: false })
  console.log(String(node.getMultiaddrs()[0]))
  await new Promise(resolve => { process.stdin.on('end', resolve).resume() })
  await node.stop()
}

main().then(() => process.exit(0), err => {
  console.error(err)
  process.exit(1)
})
