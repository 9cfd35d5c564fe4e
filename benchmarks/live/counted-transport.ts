import type { ExchangeEnd, TrafficLedger } from './traffic-ledger.ts'
import type { Connection, Stream, Transport } from '@libp2p/interface'

export interface CountedTransportInit {
  /** Counts dials and RPCs */
  ledger: TrafficLedger
  /** Streams of this protocol are RPCs */
  protocol: string
  /**
   * Whether a peer is known to be dead. All that goes to such a peer counts as
   * unresponsive.
   *
   * @default no peer is known to be dead
   */
  isDead?: (peer: string) => boolean
}

/**
 * Wraps a transport, so that a ledger counts all dials and RPCs of its node
 */
export function countedTransport<Components> (factory: (components: Components) => Transport, { ledger, protocol, isDead = () => false }: CountedTransportInit): (components: Components) => Transport {
  return components => {
    const transport = factory(components)
    const dial = transport.dial.bind(transport)

    transport.dial = async (ma, options) => {
      const peer = ma.getComponents().findLast(({ name }) => name === 'p2p')?.value
      const end = ledger.begin('dial', peer !== undefined && isDead(peer))

      try {
        const connection = await dial(ma, options)

        countRpcs(connection, { ledger, protocol, isDead })
        end('answered')

        return connection
      } catch (err) {
        end(endOf(options.signal))
        throw err
      }
    }

    return transport
  }
}

function countRpcs (connection: Connection, { ledger, protocol, isDead }: Required<CountedTransportInit>): void {
  const newStream = connection.newStream.bind(connection)

  connection.newStream = async (protocols, options) => {
    if (![protocols].flat().includes(protocol)) {
      return newStream(protocols, options)
    }

    const begin = (): (end: ExchangeEnd) => void => ledger.begin('rpc', isDead(connection.remotePeer.toString()))
    const end = begin()

    try {
      const stream = await newStream(protocols, options)

      countRequests(stream, end, begin, () => endOf(options?.signal))

      return stream
    } catch (err) {
      end(endOf(options?.signal))
      throw err
    }
  }
}

/**
 * Counts the requests of a stream, which may carry several, one after the other. The
 * first RPC begins when the stream does, each later one with its request.
 */
function countRequests (stream: Stream, first: (end: ExchangeEnd) => void, begin: () => (end: ExchangeEnd) => void, failure: () => ExchangeEnd): void {
  const send = stream.send.bind(stream)
  const close = stream.close.bind(stream)
  let end = first
  // the first request may have been sent before the stream was handed out
  let isUsed = false

  stream.send = data => {
    if (isUsed) {
      end = begin()
    }

    isUsed = true

    return send(data)
  }
  stream.close = async options => {
    // a stream that its user closes normally has brought all that was asked for: provider records get no
    // answer
    end('answered')

    return close(options)
  }
  onMessageToReader(stream, () => {
    isUsed = true
    end('answered')
  })
  stream.addEventListener('close', event => { end(event.error === undefined ? 'answered' : failure()) })
}

/**
 * Calls `onMessage` for each message, but not before the stream has a reader. Messages
 * wait in a buffer for the first listener. If that were this function, they would never
 * reach the reader.
 */
function onMessageToReader (stream: Stream, onMessage: () => void): void {
  const addEventListener = stream.addEventListener.bind(stream) as (...args: unknown[]) => void

  stream.addEventListener = (...args: unknown[]) => {
    addEventListener(...args)

    if (args[0] === 'message') {
      stream.addEventListener = addEventListener
      addEventListener('message', onMessage)
    }
  }
}

/**
 * How an exchange ended that got no answer. An abort that is not a time-out means that
 * the answer was no longer wanted.
 */
function endOf (signal: AbortSignal | undefined): ExchangeEnd {
  return signal?.aborted === true && signal.reason?.name !== 'TimeoutError' ? 'cancelled' : 'failed'
}
