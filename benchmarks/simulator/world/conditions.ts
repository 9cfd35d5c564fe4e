import type { Absence } from './population.ts'
import type { Region } from './regions.ts'
import type { SessionLawName } from './session-laws/session-law.ts'

const HOUR_MS = 3_600_000

/**
 * The parameters of a world. They say what is measured about a network, or could be, and
 * nothing about how it is simulated. Shares are 0 to 1. To ask a question, take a named
 * set of `WORLD_CONDITIONS` and change some of it.
 */
export interface WorldConditions {
  /** Weights of the regions among all nodes. A region that is not named has weight 0. */
  regionShares: Partial<Record<Region, number>>

  /** Median of what a node's last mile adds to a round trip, ms. It is log-normal over the nodes. */
  lastMileMedianMs: number
  /** Standard deviation of the logarithm of the last mile */
  lastMileSigma: number
  /** Queueing makes each round trip of a request longer by a share with an exponential distribution. This is the mean of that share. */
  rttJitter: number

  /** Among the nodes that `natShare` does not put behind NATs: the share that takes part though nobody can dial it */
  unreachableShare: number
  /**
   * Share of all nodes that are behind NATs and take part as servers. The Amino DHT is
   * meant to have none: there, a node that cannot be dialled should be a client.
   */
  natShare: number
  /**
   * Among the nodes behind NATs: the share that can be reached through a relay, by hole
   * punching. Nobody can dial the others, because no DHT request is made over a relayed
   * connection.
   */
  natRelayedShare: number

  /** Weights of the ways in which a dial fails when the node is offline */
  absenceShares: Record<Absence, number>

  /** Share of all identities that are always online */
  stableShare: number
  /**
   * The law of the sessions and absences of nodes that come and go. What was measured is
   * fitted by Weibull's. The other laws have the same mean session and the same share of
   * time online.
   */
  sessionLaw: SessionLawName
  /** Shape of the Weibull distribution of sessions, for nodes that come and go */
  sessionShape: number
  /** Scale of that distribution, ms. 63% of the sessions are shorter. */
  sessionScaleMs: number
  /**
   * Kendall's rank correlation between two sessions of one node, 0 to 0.9. Each node has
   * a pace of its own, which makes its sessions and its absences longer or shorter.
   */
  sessionCorrelation: number
  /** Share of the time that nodes which come and go are online */
  churnerOnlineShare: number
  /**
   * How strongly the nodes that come and go follow the local time of day, 0 to 0.5. In
   * the evening, absences pass faster and sessions slower by this share. In the morning
   * it is the other way round.
   */
  rhythmAmplitude: number
  /**
   * This share of all nodes goes online and offline by a schedule, whatever the other
   * conditions say. Each of them is online for about `everyMs`, then offline for about as
   * long, and starts at a random point of that.
   */
  churn?: { share: number, everyMs: number }

  /** Median time from the reading of a request to the writing of its answer, ms. It is log-normal. */
  workMedianMs: number
  /** Standard deviation of the logarithm of that time */
  workSigma: number
  /** Share of all nodes that are overloaded */
  overloadedShare: number
  /** Median of that time for overloaded nodes, ms */
  overloadedMedianMs: number

  /** Share of all nodes that run the scored service */
  adoption: number
  /** Share of the others that run kad-dht. The rest runs go-libp2p-kad-dht. */
  kadDhtShare: number

  /** Share of all nodes that answer 2 to 4 s late */
  slowShare: number
  /** Share of all nodes that are hostile */
  liesShare: number
}

/*
 * Calibrated with the provides of July 2022 (rfm17 of
 * https://github.com/probe-lab/network-measurements). Most hosts still run when their
 * daemon has ended, so they refuse dials. Some hosts vanish: only 5% of the provides met
 * no time-out. Few accept dials and stall: a provide that meets such a host takes
 * minutes, and 90% of the provides took less than one minute.
 */
const ABSENCE_SHARES = { refuses: 0.7, silent: 0.255, stalls: 0.045 } as const

/*
 * Calibrated, so that the tables hold as many dead entries as were found in full buckets
 * in April 2022, which is 3.8% (rfm19). Two measurements for comparison: In crawls over a
 * week, 17% of the identities were always online (rfm2), where one failed dial ended a
 * session. Of the holders of a record, five in six were online at any later moment of 40
 * h (rfm17).
 */
const STABLE_SHARE = 0.08

/*
 * About 15,400 servers were online at a moment (rfm19). 31,000 were online at some time
 * of a week (62% of some 50,000 identities, rfm2 and weekly reports). So nearly half of
 * all are online at a moment, and this share gives the same, with the stable nodes
 * counted.
 */
const CHURNER_ONLINE_SHARE = 0.41

/*
 * Hole punching succeeds for 70% of the pairs, plus or minus 7% (Trautwein et al. 2025,
 * arXiv 2510.27500)
 */
const HOLE_PUNCH_SHARE = 0.7

/** The name of a set of conditions */
export type WorldConditionsName = 'amino-2022' | 'amino-2025'

/**
 * Named sets of conditions: the Amino DHT as it was measured in the first half of 2022
 * and in 2025. A value that no measurement gives is marked as assumed.
 */
export const WORLD_CONDITIONS: Readonly<Record<WorldConditionsName, WorldConditions>> = {
  'amino-2022': {
    // countries of all peers found, Trautwein et al., SIGCOMM 2022: US 28.5%, CN 24.2%, FR 8.3%, TW 7.2%, KR
    // 6.7%. The distribution of the rest is assumed.
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
    // calibrated with two measurements: 15% of the entries in sparse buckets, which admit everybody, were
    // dead (rfm19), and 10% of the closest peers did not take a record (rfm17), both with peers that had
    // gone. Of all peers found, 26% could not be reached (rfm19), but most of those had gone.
    unreachableShare: 0.11,
    natShare: 0,
    natRelayedShare: HOLE_PUNCH_SHARE,
    absenceShares: ABSENCE_SHARES,
    stableShare: STABLE_SHARE,
    sessionLaw: 'weibull',
    // half of the nodes that join stay 2 h or less, and 80% stay 8 h or less (rfm2). This is the Weibull
    // distribution through these two points.
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
    // US and Europe are assumed to have 37% each, from the order of countries in crawls
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
    // 45% of the peers found could not be reached (July 2024). The odds of that have grown by a factor of 2.3
    // since 2022, and the odds of 2022 are multiplied by the same factor.
    unreachableShare: 0.22,
    natShare: 0,
    natRelayedShare: HOLE_PUNCH_SHARE,
    absenceShares: ABSENCE_SHARES,
    // assumed to be as in 2022
    stableShare: STABLE_SHARE,
    sessionLaw: 'weibull',
    // fits ProbeLab's uptimes of 2025: 38% of the nodes that join stay an hour, and 75% of these stay a
    // second hour
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
    // assumed: most of Helia's nodes are clients
    kadDhtShare: 0.01,
    slowShare: 0.02,
    liesShare: 0
  }
}
