import { spawnProgram } from '../processes/spawn-program.ts'
import { requireProgram } from './built-program.ts'
import type { ChildProcess } from '../processes/child-process.ts'
import type { PeerProgramCommands } from './peer-program.ts'

/**
 * Start the program that runs nodes of go-libp2p-kad-dht
 *
 * @param name - For error messages
 * @throws {Error} It is not built
 */
export function goPeers (name: string): ChildProcess<PeerProgramCommands> {
  return spawnProgram<PeerProgramCommands>(requireProgram('go-peers'), name)
}
