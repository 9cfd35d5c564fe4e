/** libp2p's progress event at the end of a transport's own handshake */
export const UPGRADE_BEGINS = 'upgrader:encrypt-outbound-connection'

/**
 * A progress listener for a dial. It tells when the transport has connected, which is the
 * first sign of life of the peer. A transport without such a moment, such as QUIC, gives none.
 *
 * @param onProgress - Told of every event as well
 */
export function onDialReached<E extends { type: string }> (onReached: () => void, onProgress?: (event: E) => void): (event: E) => void {
  return event => {
    if (event.type === UPGRADE_BEGINS) {
      onReached()
    }

    onProgress?.(event)
  }
}
