/**
 * Numbers of a node that no option sets
 */
export const NODE_LIMITS = {
  /** A lookup starts from this many times k known peers: one list needs more than its k, since some will not answer */
  startPerK: 2,
  /** A response names k peers; of a response that names more than this many times k, only the closest are read */
  namedPerK: 2,
  /** Connected peers further away that a lookup asks for a hint. With 4 it is slower, with 12 hardly faster. */
  hints: 6,
  /** While a lookup knows peers that are likely among the k closest, it asks so many others at a time: only to hear of more */
  farBesideNear: 4,
  /** A search dials nobody while so many connected peers of its front may answer: their fastest round trip is about as short as the fastest dial of k peers, which takes some four round trips */
  connectedForNoDial: 4,
  /** A request is given up after this many soft deadlines, within the bounds of the time-outs */
  hardPerSoftDeadline: 2,
  /** Requests that run on at once when their lookups are over */
  maxBackgroundRequests: 256,
  /** Of those, requests to one peer: so many failures in a row make a good peer poor, and each has to be put right by a late answer of its own */
  maxBackgroundRequestsPerPeer: 3,
  /** Peers without a score whose contacts and addresses are kept */
  maxStrangers: 10_000,
  /** Peers whose addresses are ready for use. Those of all others are packed into some hundred bytes. */
  maxUnpackedPeers: 1_000
}
