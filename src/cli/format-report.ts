import type { PeerReport, StoreReport } from './store-report.ts'

const HEADINGS = ['peer', 'class', 'score', 'reliability', 'latency', 'referral', 'weight', 'last outcome', 'age', 'addresses']

const GAP = '  '

const AGE_UNITS: Array<[name: string, ms: number]> = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000]]

/**
 * A report as text: the counts by class, then a line for each peer
 *
 * @param now - ms since the epoch, from which ages are counted
 */
export function formatReport ({ location, size, counts, peers }: StoreReport, now: number): string {
  const rows = peers.map(peer => cellsOf(peer, now))

  return [
    `${location}: ${size} ${size === 1 ? 'peer' : 'peers'}, ${counts.good} good, ${counts.neutral} neutral, ${counts.unacceptable} unacceptable, ${counts.named} only named`,
    ...rows.length === 0 ? [] : ['', ...alignColumns([HEADINGS, ...rows])],
    ...peers.length < size ? ['', `${size - peers.length} more not shown`] : []
  ].join('\n') + '\n'
}

function cellsOf (peer: PeerReport, now: number): string[] {
  const [best, ...others] = peer.addresses
  const addresses = best === undefined ? '-' : `${best.multiaddr}${others.length === 0 ? '' : ` (+${others.length})`}`

  if (peer.class === 'named') {
    return [peer.peer, peer.class, '-', '-', '-', '-', '-', '-', formatAge(now - peer.namedAt), addresses]
  }

  return [
    peer.peer,
    peer.class,
    peer.score.toFixed(2),
    peer.reliability.toFixed(2),
    peer.latencyMs == null ? '-' : `${peer.latencyMs.toFixed(0)}±${(peer.latencyDeviationMs ?? 0).toFixed(0)} ms`,
    peer.referral.toFixed(2),
    peer.weight.toFixed(0),
    peer.lastOutcome ?? '-',
    formatAge(now - peer.updatedAt),
    addresses
  ]
}

function formatAge (ms: number): string {
  const [name, unit] = AGE_UNITS.find(([, unit]) => ms >= unit) ?? ['s', 1_000]

  // a clock that was set back makes no negative age
  return `${Math.max(0, Math.floor(ms / unit))} ${name}`
}

function alignColumns (rows: string[][]): string[] {
  const widths = HEADINGS.map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0))

  return rows.map(row => row.map((cell, column) => cell.padEnd(widths[column])).join(GAP).trimEnd())
}
