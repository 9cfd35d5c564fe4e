import { LevelScoreStore } from 'libp2p-scored-routing'

new LevelScoreStore({ location: process.argv[2] }).open().catch(err => {
  console.error(`${err.name}: ${err.message}`)
  process.exit(1)
})
