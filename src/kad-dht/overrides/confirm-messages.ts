import { ProtocolError } from '@libp2p/interface'
import { RequestStream } from '../../libp2p/streams/request-stream.ts'
import type { InternalNetwork } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/**
 * Send a message that has no answer. Where its context says so, a question follows on the same
 * stream, and its answer shows that the peer has read the message.
 */
export function confirmMessages (_: InternalNetwork['_writeMessage'], { contexts }: Pick<OverrideParts, 'contexts'>): InternalNetwork['_writeMessage'] {
  return async (stream, message, options) => {
    const { confirmation, ahead = [] } = contexts.get(options.signal) ?? {}

    if (confirmation === undefined) {
      await RequestStream.of(stream).write(message, options)
    } else {
      const answer = await RequestStream.of(stream).exchange(confirmation.question, options, [...ahead, message])

      if (answer.type !== confirmation.question.type) {
        throw new ProtocolError('The peer has answered another question')
      }

      confirmation.onAnswer(answer)
    }
  }
}
