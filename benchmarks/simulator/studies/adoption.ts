import { sweep } from './sweep.ts'

const SHARES = [0, 0.25, 0.5, 0.75, 1]

/**
 * Who gains when others run the scored service
 */
export const ADOPTION = sweep({
  name: 'adoption',
  question: 'Who gains while more and more of the servers run scoredKadDHT?',
  defaults: { lookups: 300 },
  xTitle: 'share of the servers that run scoredKadDHT',
  settings: SHARES.map(adoption => ({ label: `${Math.round(100 * adoption)}% scored`, x: adoption, change: { adoption } }))
})
