import type { Absence } from './population.ts'
import type { Region } from './regions.ts'

const HOUR_MS = 3_600_000

/**
 * The parameters of a world: what is measured, or could be, about a network, and
 * nothing of how it is simulated. Shares are 0 to 1. Take a named set of
 * `WORLD_CONDITIONS` and override what you ask about.
 */
export interface WorldConditions {
  /** Weights of the regions among all nodes; those not named have none */
  regionShares: Partial<Record<Region, number>>

  /** What a node's last mile adds to a round trip: log-normal over nodes, its median, ms */
  lastMileMedianMs: number
  /** Standard deviation of its logarithm */
  lastMileSigma: number
  /** Queueing adds to each round trip of a request an exponential share of it with this mean */
  rttJitter: number

  /** Of the nodes not behind NATs by `natShare`: those that nobody can dial though they take part */
  unreachableShare: number
  /**
   * Of all nodes: those behind NATs that take part as servers all the same. 0 is how
   * the Amino DHT is meant to be: there, who cannot be dialled is a client.
   */
  natShare: number
  /**
   * Of those behind NATs: can be reached through a relay, by a hole punched. The others
   * can be dialled by nobody: no DHT request is made over a relayed connection.
   */
  natRelayedShare: number

  /** How dials fail when a node is offline; weights */
  absenceShares: Record<Absence, number>

  /** Of all identities, online or not: those that are always online */
  stableShare: number
  /** Shape of the Weibull distribution of all sessions of those that come and go */
  sessionShape: number
  /** Scale of that distribution, ms: 63% of the sessions are shorter */
  sessionScaleMs: number
  /**
   * Kendall's rank correlation between two sessions of one node, 0 to 0.9: a node has a
   * pace of its own, which lengthens its sessions and absences alike
   */
  sessionCorrelation: number
  /** Share of the time that those who come and go are online */
  churnerOnlineShare: number
  /**
   * How strongly those who come and go follow the local time of day, 0 to 0.5: in the
   * evening absences pass faster and sessions slower by this share, in the morning the
   * other way round
   */
  rhythmAmplitude: number
  /**
   * This share of all nodes, instead of what else is said of them, is online for about
   * `everyMs`, then offline for about as long, each at a phase of its own
   */
  churn?: { share: number, everyMs: number }

  /** Time from a request being read to the answer being written: log-normal, its median, ms */
  workMedianMs: number
  /** Standard deviation of its logarithm */
  workSigma: number
  /** Of all nodes: those that have more to do than they can */
  overloadedShare: number
  /** The median for those, ms */
  overloadedMedianMs: number

  /** Of all nodes: run the scored service */
  adoption: number
  /** Of the others: run kad-dht; the rest runs go-libp2p-kad-dht */
  kadDhtShare: number

  /** Of all nodes: answer 2 to 4 s late */
  slowShare: number
  /** Of all nodes: hostile */
  liesShare: number
}

/*
 * Calibrated by the provides of July 2022 (rfm17 of
 * https://github.com/probe-lab/network-measurements): most hosts outlive their daemon and
 * refuse, some vanish, as 5% of the provides met no time-out; and few accept and stall, as
 * each provide that meets one of these takes minutes, and 90% took less than one.
 */
const ABSENCE_SHARES = { refuses: 0.7, silent: 0.255, stalls: 0.045 } as const

/*
 * Calibrated: so many that the tables come to hold as many dead entries as were found in
 * full buckets in April 2022, 3.8% (rfm19). Crawls saw 17% of the identities of a week
 * always online (rfm2), where one failed dial ends a session; of the holders of a record
 * five in six were online at any later moment of 40 h (rfm17).
 */
const STABLE_SHARE = 0.08

/*
 * About 15,400 servers were online at a moment (rfm19), and 31,000 at some time of a week
 * (62% of some 50,000 identities; rfm2 and weekly reports): with the stable ones that makes
 * nearly half of all
 */
const CHURNER_ONLINE_SHARE = 0.41

/*
 * Hole punching succeeds for 70% (7% either way) of the pairs, Trautwein et al. 2025,
 * arXiv 2510.27500
 */
const HOLE_PUNCH_SHARE = 0.7

/** The name of a set of conditions */
export type WorldConditionsName = 'amino-2022' | 'amino-2025'

/**
 * Named sets of conditions: the Amino DHT as it was measured in the first half of 2022
 * and in 2025. What no measurement says is marked as assumed.
 */
export const WORLD_CONDITIONS: Readonly<Record<WorldConditionsName, WorldConditions>> = {
  'amino-2022': {
    // countries of all discovered peers, Trautwein et al., SIGCOMM 2022: US 28.5%,
    // CN 24.2%, FR 8.3%, TW 7.2%, KR 6.7%; the rest spread by assumption
    regionShares: {
      'us-east-1': 10,
      'us-east-2': 6,
      'us-west-1': 5,
      'us-west-2': 7.5,
      'ca-central-1': 1.5,
      'sa-east-1': 1.5,
      'eu-west-1': 1,
      'eu-west-2': 3.5,
      'eu-west-3': 8.3,
      'eu-central-1': 8,
      'eu-north-1': 2.5,
      'af-south-1': 0.3,
      'me-south-1': 0.4,
      'ap-south-1': 0.8,
      'ap-southeast-1': 3.3,
      'ap-southeast-2': 1.2,
      'ap-east-1': 31.4,
      'ap-northeast-1': 1.3,
      'ap-northeast-2': 6.7
    },
    // assumed: few were in data centres (the same paper), and access lines take 5 to 20 ms
    lastMileMedianMs: 8,
    lastMileSigma: 0.8,
    // assumed
    rttJitter: 0.05,
    // calibrated: 26% of the discovered were (rfm19), but most of those had gone; of the
    // entries in sparse buckets, which admit everybody, 15% were dead, and 10% of the
    // closest peers did not take a record (rfm17), those gone included
    unreachableShare: 0.11,
    natShare: 0,
    natRelayedShare: HOLE_PUNCH_SHARE,
    absenceShares: ABSENCE_SHARES,
    stableShare: STABLE_SHARE,
    // half of those that join stay 2 h or less, 80% stay 8 h or less (rfm2): the Weibull
    // distribution through these two points
    sessionShape: 0.61,
    sessionScaleMs: 3.66 * HOUR_MS,
    // assumed
    sessionCorrelation: 0.2,
    churnerOnlineShare: CHURNER_ONLINE_SHARE,
    // assumed: it moves the number of servers online by some 1% either way over the day
    rhythmAmplitude: 0.3,
    // assumed: a request is one look-up in memory, but hosts differ
    workMedianMs: 5,
    workSigma: 1,
    overloadedShare: 0.05,
    overloadedMedianMs: 250,
    adoption: 0,
    // nearly all were go-ipfs (weekly reports of probe-lab/network-measurements)
    kadDhtShare: 0,
    // assumed
    slowShare: 0.02,
    liesShare: 0
  },
  'amino-2025': {
    // US and Europe 37% each, assumed from the crawls' order of countries
    regionShares: {
      'us-east-1': 13,
      'us-east-2': 8,
      'us-west-1': 7,
      'us-west-2': 9,
      'ca-central-1': 2,
      'sa-east-1': 1,
      'eu-west-1': 2,
      'eu-west-2': 4,
      'eu-west-3': 8,
      'eu-central-1': 18,
      'eu-north-1': 5,
      'af-south-1': 0.5,
      'me-south-1': 0.5,
      'ap-south-1': 1.5,
      'ap-southeast-1': 6,
      'ap-southeast-2': 1.5,
      'ap-east-1': 7,
      'ap-northeast-1': 3,
      'ap-northeast-2': 3
    },
    // assumed: most servers are in clouds by now (Balduf et al., IMC 2023)
    lastMileMedianMs: 3,
    lastMileSigma: 1,
    rttJitter: 0.05,
    // 45% of the discovered (July 2024): the odds of 2022, times 2.3, by which the odds of
    // being unreachable when discovered have grown
    unreachableShare: 0.22,
    natShare: 0,
    natRelayedShare: HOLE_PUNCH_SHARE,
    absenceShares: ABSENCE_SHARES,
    // assumed to be as in 2022
    stableShare: STABLE_SHARE,
    // fit to ProbeLab's uptimes of 2025: 38% of those that join stay an hour, and 75%
    // of these a second one
    sessionShape: 0.38,
    sessionScaleMs: 1.09 * HOUR_MS,
    sessionCorrelation: 0.2,
    churnerOnlineShare: CHURNER_ONLINE_SHARE,
    rhythmAmplitude: 0.3,
    workMedianMs: 5,
    workSigma: 1,
    overloadedShare: 0.05,
    overloadedMedianMs: 250,
    adoption: 0,
    // assumed: Helia's nodes are clients mostly
    kadDhtShare: 0.01,
    slowShare: 0.02,
    liesShare: 0
  }
}
