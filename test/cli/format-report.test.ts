import { describe, expect, test } from 'vitest'
import { formatReport } from '../../src/cli/format-report.ts'
import type { PeerReport, ScoredPeerReport, StoreReport } from '../../src/cli/store-report.ts'

const NOW = 1_000_000_000_000

const PEER: ScoredPeerReport = {
  peer: 'QmGood',
  class: 'good',
  score: 0.9,
  reliability: 0.912,
  weight: 3,
  latencyMs: 125.5,
  latencyDeviationMs: 12.25,
  referral: 0.5,
  referralWeight: 1,
  lastOutcome: 'responded',
  updatedAt: NOW - 5_000,
  addresses: [{ multiaddr: '/ip4/1.2.3.4/tcp/1', reliability: 1 }, { multiaddr: '/ip4/1.2.3.4/tcp/2', reliability: 0.5 }],
  reasons: ['good']
}

function report (peers: PeerReport[], size = peers.length): StoreReport {
  return { location: './scores', size, counts: { good: 1, neutral: 2, unacceptable: 3, named: 4 }, unreadable: [], peers }
}

/** The cells of a peer's line, by their headings */
function cellsOf (peer: Partial<ScoredPeerReport>): Record<string, string> {
  const [headings, cells] = formatReport(report([{ ...PEER, ...peer }]), NOW).split('\n').slice(2, 4).map(line => line.split(/ {2,}/))

  return Object.fromEntries(headings.map((heading, index) => [heading, cells[index]]))
}

describe('a report as text', () => {
  test('has the counts, and a line for each peer', () => {
    expect(formatReport(report([PEER]), NOW)).toBe([
      './scores: 1 peer, 1 good, 2 neutral, 3 unacceptable, 4 only named',
      '',
      'peer    class  score  reliability  latency    referral  weight  last outcome  age  addresses',
      'QmGood  good   0.90   0.91         126±12 ms  0.50      3       responded     5 s  /ip4/1.2.3.4/tcp/1 (+1)',
      ''
    ].join('\n'))
  })

  test('has no numbers of a peer that was only named, and how long ago it was', () => {
    const named: PeerReport = { peer: 'QmNamed', class: 'named', referrer: 'QmGood', namedAt: NOW - 60_000, addresses: PEER.addresses, reasons: [] }

    expect(formatReport(report([named]), NOW).split('\n')[3].split(/ {2,}/)).toEqual(['QmNamed', 'named', '-', '-', '-', '-', '-', '-', '1 min', '/ip4/1.2.3.4/tcp/1 (+1)'])
  })

  test('of an empty store has one line', () => {
    expect(formatReport(report([]), NOW)).toBe('./scores: 0 peers, 1 good, 2 neutral, 3 unacceptable, 4 only named\n')
  })

  test('tells how many are not shown', () => {
    expect(formatReport(report([PEER], 4), NOW)).toMatch(/\n\n3 more not shown\n$/)
  })

  test('aligns its columns by the widest cell', () => {
    const [headings, ...lines] = formatReport(report([PEER, { ...PEER, peer: 'QmMuchLonger', class: 'unacceptable' }]), NOW).trimEnd().split('\n').slice(2)

    expect(lines.map(line => line.indexOf('0.90'))).toEqual([headings.indexOf('score'), headings.indexOf('score')])
  })

  test('has a dash for what is not known', () => {
    expect(cellsOf({ latencyMs: null, latencyDeviationMs: null, lastOutcome: null, addresses: [] })).toMatchObject({ latency: '-', 'last outcome': '-', addresses: '-' })
  })

  test.each([
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [86_399_999, '23 h'],
    [86_400_000 * 400, '400 d'],
    [-3_600_000, '0 s']
  ])('of a record that is %i ms old says %s', (ageMs, age) => {
    expect(cellsOf({ updatedAt: NOW - ageMs }).age).toBe(age)
  })
})
