import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { decode, encode } from 'dns-packet'
import type { Answer } from 'dns-packet'

/** A text record has pieces of this length at most, bytes */
const MAX_PIECE_BYTES = 255

/** What a name server knows, by name and type */
export interface NameRecords {
  /** Texts by name */
  texts: ReadonlyMap<string, string[]>
  /** IPv4 addresses by name */
  addresses: ReadonlyMap<string, string>
}

/** A name server of the tests' own, on loopback */
export interface RunningNameServer {
  /** Its IP address and port */
  address: string
  /** The names that were asked for, in order */
  asked: string[]
  stop (): void
}

/**
 * Start a name server. It answers for all names. One that it does not know has no records.
 */
export async function serveNames ({ texts, addresses }: NameRecords): Promise<RunningNameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []

  socket.on('message', (bytes, { address, port }) => {
    const { id, questions = [] } = decode(bytes)
    const answers = questions.flatMap(({ name, type }): Answer[] => {
      asked.push(name)

      switch (type) {
        case 'TXT':
          return (texts.get(name.toLowerCase()) ?? []).map(text => ({ type, name, ttl: 60, data: piecesOf(text) }))
        case 'A':
          return [addresses.get(name.toLowerCase())].filter(data => data !== undefined).map(data => ({ type, name, ttl: 60, data }))
        default:
          return []
      }
    })

    socket.send(encode({ type: 'response', id, questions, answers }), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')

  return { address: `127.0.0.1:${socket.address().port}`, asked, stop: () => { socket.close() } }
}

function piecesOf (text: string): string[] {
  return Array.from({ length: Math.ceil(text.length / MAX_PIECE_BYTES) }, (_, i) => text.slice(i * MAX_PIECE_BYTES, (i + 1) * MAX_PIECE_BYTES))
}
