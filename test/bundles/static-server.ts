import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import type { AddressInfo } from 'node:net'

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }

export interface StaticServer {
  /** Where its index is */
  url: string
  close (): Promise<void>
}

/**
 * Serves the files of a directory on 127.0.0.1
 */
export async function serve (directory: string): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const path = join(directory, pathname === '/' ? 'index.html' : pathname)

    readFile(path).then(
      bytes => { response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(bytes) },
      () => { response.writeHead(404).end() }
    )
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => { server.close(resolve) })
    }
  }
}
