/** libp2p's progress event at the end of a transport's own handshake */
export const UPGRADE_BEGINS = 'upgrader:encrypt-outbound-connection'

/**
 * A progress listener for a dial that tells when the transport has connected:
 * the first sign of life of the peer. Transports without such a moment, as
 * QUIC, give none.
 *
 * @param onProgress - Also told of every event
 */
export function onDialReached<E extends { type: string }> (onReached: () => void, onProgress?: (event: E) => void): (event: E) => void {
  return event => {
    if (event.type === UPGRADE_BEGINS) {
      onReached()
    }

    onProgress?.(event)
  }
}
