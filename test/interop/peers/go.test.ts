import { foreignPeerSuite } from './foreign-peer-suite.ts'
import { ProgramPeer } from './program-peer.ts'

const PROTOCOL = '/ipfs/kad/1.0.0'

foreignPeerSuite({
  name: 'go-libp2p-kad-dht',
  program: 'go-peers',
  protocol: PROTOCOL,
  start: async (program, init) => ProgramPeer.start({ program, protocol: PROTOCOL, ...init }),
  // its search ends with the value, before it would correct anybody
  corrects: false
})
