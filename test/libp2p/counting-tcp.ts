import { tcp } from '@libp2p/tcp'

/**
 * TCP that notes each address it dials, in order
 */
export function countingTCP (dials: string[]): ReturnType<typeof tcp> {
  return components => {
    const transport = tcp()(components)
    const dial = transport.dial.bind(transport)

    transport.dial = async (address, options) => {
      dials.push(address.toString())

      return dial(address, options)
    }

    return transport
  }
}
