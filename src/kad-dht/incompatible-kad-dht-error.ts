/**
 * The installed @libp2p/kad-dht does not have the private members that this package uses
 */
export class IncompatibleKadDHTError extends Error {
  static name = 'IncompatibleKadDHTError'
  name = 'IncompatibleKadDHTError'

  /** The members that are missing or of another kind than expected */
  readonly missing: string[]

  constructor (installed: string, supported: string, missing: string[]) {
    super(`@libp2p/kad-dht ${installed} can't be scored, this version of libp2p-scored-routing supports ${supported}: ${missing.join(', ')} not found`)
    this.missing = missing
  }
}
