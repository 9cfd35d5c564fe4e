import { Uint8ArrayList } from 'uint8arraylist'
import type { AbortOptions, Connection, Stream } from '@libp2p/interface'

/**
 * Open a stream and send its first message right behind the protocol's name, as Go
 * does: the server reads it once it has agreed, and nobody waits a round trip for
 * that. libp2p describes this as `negotiateFully: false` but does not do it. Where a
 * muxer makes its streams in another way, the message follows the agreement.
 *
 * @throws {UnsupportedProtocolError} The peer does not speak the protocol
 */
export async function openWithMessage (connection: Connection, protocol: string, message: Uint8Array, options: AbortOptions): Promise<Stream> {
  const before = new Set(connection.streams)
  const opening = connection.newStream(protocol, options)
  // by now muxers have created the stream, and the name goes out in a later turn
  const created = connection.streams.find(stream => stream.direction === 'outbound' && stream.protocol === '' && !before.has(stream))
  const isSent = created == null ? () => false : appendToFirstData(created, message)
  const stream = await opening

  if (!isSent()) {
    stream.send(message)
  }

  return stream
}

/**
 * @returns Tells whether it was sent; asking ends the attempt
 */
function appendToFirstData (stream: Stream, message: Uint8Array): () => boolean {
  const send = stream.send.bind(stream)
  let state: 'waiting' | 'sent' | 'ended' = 'waiting'

  // stays in place, as others may have put theirs around it by the time of the agreement
  stream.send = data => {
    if (state !== 'waiting') {
      return send(data)
    }

    state = 'sent'

    return send(new Uint8ArrayList(data, message))
  }

  return () => {
    if (state === 'waiting') {
      state = 'ended'
    }

    return state === 'sent'
  }
}
