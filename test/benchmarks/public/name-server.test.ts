import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { RecordType } from '@multiformats/dns'
import { expect, onTestFinished, test } from 'vitest'
import { nameServer } from '../../../benchmarks/public/name-server.ts'
import { serveNames } from '../../interop/public/serve-names.ts'
import type { AddressInfo } from 'node:net'

test('answers libp2p, which resolves /dnsaddr/', async () => {
  const { dns } = nameServer(await start())

  expect((await dns.query('_dnsaddr.bootstrap.test', { types: RecordType.TXT })).Answer.map(({ data }) => data).sort()).toEqual(['dnsaddr=/ip4/1.2.3.4', `dnsaddr=${'x'.repeat(300)}`])
  await expect(dns.query('_dnsaddr.nobody.test', { types: RecordType.TXT })).rejects.toThrow()
})

test('answers a socket, which resolves /dns4/', async () => {
  const { lookup } = nameServer(await start())
  const server = createServer(socket => { socket.end() }).listen(0, '127.0.0.1')
  onTestFinished(() => { server.close() })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: 'server.test', port, lookup })

  await once(socket, 'connect')
  expect(socket.remoteAddress).toBe('127.0.0.1')
  socket.destroy()

  await expect(once(connect({ host: 'nobody.test', port, lookup }), 'connect')).rejects.toThrow('nobody.test')
})

async function start (): Promise<string> {
  const { address, stop } = await serveNames({
    texts: new Map([['_dnsaddr.bootstrap.test', ['dnsaddr=/ip4/1.2.3.4', `dnsaddr=${'x'.repeat(300)}`]]]),
    addresses: new Map([['server.test', '127.0.0.1']])
  })
  onTestFinished(stop)

  return address
}
