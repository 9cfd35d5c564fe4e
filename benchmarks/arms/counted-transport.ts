import type { ExchangeEnd, TrafficLedger } from '../testnet/traffic-ledger.ts'
import type { Connection, Transport } from '@libp2p/interface'

export interface CountedTransportInit {
  /** Counts dials and RPCs */
  ledger: TrafficLedger
  /** Streams of this protocol are RPCs */
  protocol: string
}

/**
 * Any transport, with all dials and RPCs of its node entered in a ledger
 */
export function countedTransport<Components> (factory: (components: Components) => Transport, { ledger, protocol }: CountedTransportInit): (components: Components) => Transport {
  return components => {
    const transport = factory(components)
    const dial = transport.dial.bind(transport)

    transport.dial = async (ma, options) => {
      const end = ledger.begin('dial', false)

      try {
        const connection = await dial(ma, options)

        countRpcs(connection, ledger, protocol)
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

function countRpcs (connection: Connection, ledger: TrafficLedger, protocol: string): void {
  const newStream = connection.newStream.bind(connection)

  connection.newStream = async (protocols, options) => {
    if (![protocols].flat().includes(protocol)) {
      return newStream(protocols, options)
    }

    const end = ledger.begin('rpc', false)

    try {
      const stream = await newStream(protocols, options)

      stream.addEventListener('message', () => { end('answered') })
      stream.addEventListener('close', event => { end(event.error == null ? 'answered' : endOf(options?.signal)) })

      return stream
    } catch (err) {
      end(endOf(options?.signal))
      throw err
    }
  }
}

/**
 * How an exchange without an answer ended: an abort that is no time-out means
 * that the answer was not wanted any more
 */
function endOf (signal: AbortSignal | undefined): ExchangeEnd {
  return signal?.aborted === true && signal.reason?.name !== 'TimeoutError' ? 'cancelled' : 'failed'
}
