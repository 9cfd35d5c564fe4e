import { foreignPeerSuite } from './foreign-peer-suite.ts'
import { KUBO_PROTOCOL, KuboPeer } from './kubo-peer.ts'

foreignPeerSuite({
  name: 'Kubo',
  program: 'kubo',
  protocol: KUBO_PROTOCOL,
  start: async (program, init) => KuboPeer.start(program, init),
  // its command takes records of names only
  publicKeys: false
})
