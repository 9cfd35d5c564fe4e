import { sweep } from './sweep.ts'

const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 0.9]

/**
 * What NATs cost, and how much of it scores save
 */
export const NAT = sweep({
  name: 'nat',
  question: 'How do lookups and puts fare while more and more of the servers are behind NATs?',
  defaults: { lookups: 300, operations: ['closest-peers', 'provide'] },
  xTitle: 'share of the servers behind NATs',
  settings: SHARES.map(nat => ({ label: `${Math.round(100 * nat)}% behind NATs`, x: nat, change: { nat } })),
  named: ['80% behind NATs']
})
