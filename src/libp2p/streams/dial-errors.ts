/**
 * Our own policy denies the dial, which says nothing about the peer. The name is that of libp2p's own error.
 */
export class DialDeniedError extends Error {
  static name = 'DialDeniedError'
  name = 'DialDeniedError'

  constructor (peer: string) {
    super(`${peer} was not dialled: the peerInfoMapper lets none of its addresses through`)
  }
}

/**
 * Too many dials are under way, which says nothing about the peer. The name is that of libp2p's own error.
 */
export class TooManyPendingDialsError extends Error {
  static name = 'TooManyPendingDialsError'
  name = 'TooManyPendingDialsError'

  constructor (endpoint: string) {
    super(`${endpoint} was not dialled: too many peers are said to be there, and none of them answers`)
  }
}
