import { Uint8ArrayList } from 'uint8arraylist'
import type { AbortOptions, Connection, Stream } from '@libp2p/interface'

/**
 * Open a stream and send its first message right behind the protocol's name, as Go does. The
 * server reads the message once it has agreed, so nobody waits a round trip for the
 * agreement. libp2p describes this as `negotiateFully: false` but does not do it. With a muxer
 * that makes its streams in another way, the message is sent after the agreement.
 *
 * @throws {UnsupportedProtocolError} The peer does not speak the protocol
 */
export async function openWithMessage (connection: Connection, protocol: string, message: Uint8Array, options: AbortOptions): Promise<Stream> {
  const before = new Set(connection.streams)
  const opening = connection.newStream(protocol, options)
  // a muxer has created the stream by now, and sends the protocol's name in a later turn of the event loop
  const created = connection.streams.find(stream => stream.direction === 'outbound' && stream.protocol === '' && !before.has(stream))
  const isSent = created === undefined ? () => false : appendToFirstData(created, message)

  if (created !== undefined) {
    keepEarlyAnswer(created)
  }

  const stream = await opening

  if (!isSent()) {
    stream.send(message)
  }

  return stream
}

/**
 * @returns Tells whether the message was sent. After that it is not sent any more.
 */
function appendToFirstData (stream: Stream, message: Uint8Array): () => boolean {
  const send = stream.send.bind(stream)
  let state: 'waiting' | 'sent' | 'ended' = 'waiting'

  // this stays in place for good: others may have wrapped it by the time of the agreement
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

/**
 * The answer may arrive together with the agreement, and is put back into the stream then. A
 * server may also have reset the stream by that time. A stream that is closed takes nothing
 * back, so it is made readable once more. It closes by itself when the answer has been read.
 */
function keepEarlyAnswer (stream: Stream): void {
  const unshift = stream.unshift?.bind(stream)

  stream.unshift = data => {
    if (stream.status !== 'aborted' && stream.readStatus === 'closed' && data.byteLength > 0) {
      stream.readStatus = 'readable'
    }

    unshift(data)
  }
}
