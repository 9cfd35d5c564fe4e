import { PROTOCOL } from '../conformance/test-network.ts'
import { foreignPeerSuite } from './peers/foreign-peer-suite.ts'
import { ProgramPeer } from './peers/program-peer.ts'

foreignPeerSuite({
  name: 'rust-libp2p',
  program: 'rust-peers',
  protocol: PROTOCOL,
  start: async (program, init) => ProgramPeer.start({ program, protocol: PROTOCOL, ...init }),
  // its servers take any value, and the last one that comes replaces all others: it leaves validation to its users
  validates: false,
  // a peer that no longer speaks the protocol is only counted as disconnected
  dropsClients: false
})
