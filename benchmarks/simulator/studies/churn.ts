import { sweep } from './sweep.ts'

const HOUR_MS = 3_600_000
const SHARES = [0.2, 0.4, 0.6]
const HOURS = [3, 5]

/**
 * What nodes that come and go cost, and how much of it scores save
 */
export const CHURN = sweep({
  name: 'churn',
  question: 'How do lookups and puts fare while a share of the servers goes off- and online every 3 or every 5 hours?',
  defaults: { lookups: 300, operations: ['closest-peers', 'provide'] },
  xTitle: 'toggles per hour and server, over all',
  settings: HOURS.flatMap(hours => SHARES.map(share => ({
    label: `${Math.round(100 * share)}% every ${hours} h`,
    x: share / hours,
    change: { churn: { share, everyMs: hours * HOUR_MS } }
  }))),
  named: ['60% every 3 h']
})
