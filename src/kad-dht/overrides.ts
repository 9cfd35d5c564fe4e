import { replaceMember } from './internals.ts'
import { admitSpeakers } from './overrides/admit-speakers.ts'
import { answerAtQuorum } from './overrides/answer-at-quorum.ts'
import { collectGarbageFirst } from './overrides/collect-garbage-first.ts'
import { confirmMessages } from './overrides/confirm-messages.ts'
import { correctInBackground } from './overrides/correct-in-background.ts'
import { countPrefixesInBits } from './overrides/count-prefixes-in-bits.ts'
import { guardResponses } from './overrides/guard-responses.ts'
import { markEarlyEnds } from './overrides/mark-early-ends.ts'
import { mendSelfQuery } from './overrides/mend-self-query.ts'
import { obeySignal, provideObeysSignals, putObeysSignals } from './overrides/obey-signals.ts'
import { reportProvide, reportPut } from './overrides/report-stores.ts'
import { setRequestTimeout } from './overrides/request-timeout.ts'
import { startFromKnown } from './overrides/start-from-known.ts'
import { provideWhileWalking, putWhileWalking } from './overrides/store-while-walking.ts'
import { tellOfAdded, tellOfRemoved } from './overrides/tell-of-buckets.ts'
import { leaveServerMode } from './overrides/serving/leave-server-mode.ts'
import { nameGoodPeers } from './overrides/serving/name-good-peers.ts'
import { refuseOlderValues } from './overrides/serving/refuse-older-values.ts'
import { findAnyProviderKey, storeAnyProviderKey } from './overrides/serving/take-any-provider-key.ts'
import { UPKEEP_RULES } from '../parameters/upkeep-parameters.ts'
import type { KadDHTInternals, KadDHTMember, MemberAt } from './internals.ts'
import type { OverrideParts } from './override-parts.ts'
import type { ProvidesBook } from '../libp2p/publish/bulk/provides-book.ts'
import type { BulkPublisher } from '../libp2p/publish/bulk/bulk-publisher.ts'
import type { ScoreBook } from '../libp2p/peers/score-book.ts'
import type { ScoredRoutingTable } from '../routing-table/scored-routing-table.ts'

/** The members that this package adds to an instance of kad-dht */
export interface Additions {
  scores: ScoreBook
  scoredRoutingTable: ScoredRoutingTable<string>
  provideMany: BulkPublisher['provideMany']
  putMany: BulkPublisher['putMany']
  provides: ProvidesBook
  /** libp2p calls this when all of its services have started */
  afterStart: () => void
}

type Replacing<Member extends string, T> = {
  /** The path of the member from the instance of kad-dht */
  member: Member
  /** What is wrong with the original, or what the replacement is for */
  why: string
  /** Returns the replacement. An `original` that is a function is bound to its owner. */
  replace: (original: T, parts: OverrideParts) => T
}

type Adding<Member extends keyof Additions> = {
  member: Member
  why: string
  replace: (original: undefined, parts: OverrideParts) => Additions[Member]
}

/** The replacement of one member of kad-dht, or one added member */
export type Override =
  { [Member in KadDHTMember]: Replacing<Member, MemberAt<KadDHTInternals, Member>> }[KadDHTMember] |
  { [Member in keyof Additions]: Adding<Member> }[keyof Additions]

/**
 * All that this package replaces in kad-dht. Nothing is replaced elsewhere. Where a member is
 * listed twice, the later override wraps the earlier one. An override that only calls one
 * of our parts is written out here. Each other override has its own file.
 */
export const OVERRIDES: readonly Override[] = [
  // requests
  {
    member: 'network.sendRequest',
    why: 'The result of each request counts in the score of who was asked.',
    replace: (sendRequest, { observer }) => observer.observe(sendRequest)
  },
  {
    member: 'network.sendMessage',
    why: 'So does the result of a message that has no answer, ADD_PROVIDER.',
    replace: (sendMessage, { observer }) => observer.observe(sendMessage)
  },
  {
    member: 'network.timeout.getTimeoutSignal',
    why: 'Each request has the time that its peer needs. In kad-dht one time-out for all grows with each failure.',
    replace: setRequestTimeout
  },
  {
    member: 'network._writeReadMessage',
    why: 'Several requests share a stream, and one bad entry of an answer costs that entry. In kad-dht it costs the answer.',
    replace: guardResponses
  },
  {
    member: 'network._writeMessage',
    why: 'Messages go through the same streams as requests, and some are followed by a question that confirms them.',
    replace: confirmMessages
  },

  // lookups
  {
    member: 'queryManager.run',
    why: 'Our lookup asks the good peers first and waits for nobody longer than it is worth.',
    replace: (_, { runner }) => (key, queryFunc, options) => runner.run(key, queryFunc, options)
  },
  {
    member: 'routingTable.closestPeers',
    why: 'Lookups start from everybody whom we know, remembered peers and replacements too. kad-dht knows its k-buckets only.',
    replace: startFromKnown
  },
  {
    member: 'querySelf.peerRouting',
    why: 'The self-query counts events of its lookup, not peers, and so ends too early. Its first run has no time-out, though all wait for it.',
    replace: mendSelfQuery
  },

  // the routing table
  {
    member: 'routingTable.kb.onAdd',
    why: 'Our table follows the k-buckets. The event `peer:add` waits for the peer store, and comes late or never.',
    replace: tellOfAdded
  },
  {
    member: 'routingTable.kb.onRemove',
    why: 'The same of the event `peer:remove`.',
    replace: tellOfRemoved
  },
  {
    member: 'routingTable.kb.verify',
    why: 'kad-dht takes anybody who answers a ping, clients too. Who does not speak the protocol has no place.',
    replace: admitSpeakers
  },
  {
    member: 'routingTable.kb.ping',
    why: 'When a bucket is full its unacceptable peers are pinged first, not those that merely are old.',
    replace: collectGarbageFirst
  },
  {
    member: 'peerRouting.routingTable',
    why: 'Our replies name good peers, and whom they name is not where our lookups start.',
    replace: nameGoodPeers
  },
  {
    member: 'onPeerConnect',
    why: 'kad-dht dials each peer that any answer names, each time. We dial a few, and nobody while a lookup runs.',
    replace: (_, { introductions }) => async info => { await introductions.hear(info) }
  },
  {
    member: 'routingTableRefresh.refreshInterval',
    why: 'Five minutes ask nearly twice as many peers as ten, and find nothing more.',
    replace: () => UPKEEP_RULES.refreshIntervalMs.default
  },
  {
    member: 'routingTableRefresh._prefixLengths',
    why: 'kad-dht counts common prefixes in bytes.',
    replace: countPrefixesInBits
  },
  {
    member: 'routingTableRefresh.refreshTable',
    why: 'kad-dht never starts it, looks up all prefixes at once, adds a chain of timers with each manual refresh and goes by the time of day.',
    replace: (_, { refresh, upkeep }) => (force, options) => { refresh.ask(upkeep, force, options) }
  },

  // the requests of others
  {
    member: 'rpc.handlers.ADD_PROVIDER.handle',
    why: 'kad-dht refuses each key that is no SHA2-256 multihash. Go takes any.',
    replace: storeAnyProviderKey
  },
  {
    member: 'rpc.handlers.GET_PROVIDERS.handle',
    why: 'The same. It breaks the stream, so that whoever asked thinks that we are gone.',
    replace: findAnyProviderKey
  },
  {
    member: 'rpc.handlers.PUT_VALUE.validators',
    why: 'A value that is older than the one that we have is refused, as Go does. kad-dht lets anybody bring an old one back.',
    replace: refuseOlderValues
  },
  {
    member: 'setMode',
    why: 'A client answers nobody. kad-dht still answers on streams from before, so Go takes the node for a server again.',
    replace: leaveServerMode
  },

  // operations
  {
    member: 'peerRouting.findPeer',
    why: 'One answer may be all that it needs: its lookup is told.',
    replace: markEarlyEnds
  },
  {
    member: 'contentRouting.findProviders',
    why: 'The same of a search for providers.',
    replace: markEarlyEnds
  },
  {
    member: 'contentFetching.getMany',
    why: 'A read ends when a quorum of values is there. kad-dht waits for the slowest holders, which say nothing new.',
    replace: answerAtQuorum
  },
  {
    member: 'contentFetching.sendCorrectionRecord',
    why: 'In kad-dht a read waits until each stale holder is corrected, and fails with the first that can\'t be reached.',
    replace: correctInBackground
  },
  {
    member: 'contentRouting.provide',
    why: 'Records are stored while the walk goes on, and the caller waits for most of them. kad-dht stores after the walk, and waits for all.',
    replace: provideWhileWalking
  },
  {
    member: 'contentFetching.put',
    why: 'The same.',
    replace: putWhileWalking
  },
  {
    member: 'contentRouting.provide',
    why: 'A provide that is of no use, as we have no address or nobody was told, says so in the log.',
    replace: reportProvide
  },
  {
    member: 'contentFetching.put',
    why: 'A put that no peer has stored says so in the log.',
    replace: reportPut
  },

  // these wrap the operations above: each operation ends when its signal is aborted, even if its consumer is far behind
  {
    member: 'peerRouting.findPeer',
    why: 'kad-dht looks at the signal between two events of a lookup only.',
    replace: obeySignal
  },
  {
    member: 'peerRouting.getClosestPeers',
    why: 'The same.',
    replace: obeySignal
  },
  {
    member: 'contentRouting.findProviders',
    why: 'The same.',
    replace: obeySignal
  },
  {
    member: 'contentFetching.get',
    why: 'The same.',
    replace: obeySignal
  },
  {
    member: 'contentRouting.provide',
    why: 'The same, and it ends when the DHT stops, too. kad-dht tells the rest of what it has in store.',
    replace: provideObeysSignals
  },
  {
    member: 'contentFetching.put',
    why: 'The same, and it ends when the DHT stops, too. kad-dht ends as if it were done, though it reached nobody.',
    replace: putObeysSignals
  },

  // the service
  {
    member: 'start',
    why: 'Our parts start around kad-dht, the scores before it.',
    replace: (_, { lifecycle }) => async () => lifecycle.start()
  },
  {
    member: 'stop',
    why: 'Our parts stop around kad-dht, the scores after it.',
    replace: (_, { lifecycle }) => async () => lifecycle.stop()
  },
  {
    member: 'provides',
    why: 'Ours: what this node publishes in bulk.',
    replace: (_, { provides }) => provides
  },
  {
    member: 'provideMany',
    why: 'Ours: many CIDs are provided at once.',
    replace: (_, { bulk }) => (cids, options) => bulk.provideMany(cids, options)
  },
  {
    member: 'putMany',
    why: 'Ours: the same for values.',
    replace: (_, { bulk }) => (records, options) => bulk.putMany(records, options)
  },
  {
    member: 'afterStart',
    why: 'Ours: the best remembered peers are dialled.',
    replace: (_, { lifecycle }) => () => { lifecycle.afterStart() }
  },
  {
    member: 'scores',
    why: 'Ours: what the node thinks of its peers.',
    replace: (_, { scoreBook }) => scoreBook
  },
  {
    member: 'scoredRoutingTable',
    why: 'Ours: the table behind it all.',
    replace: (_, { table }) => table
  }
]

/**
 * Apply all overrides, in the order of the list.
 *
 * @returns The same instance, because its inner parts refer to it
 */
export function applyOverrides (dht: KadDHTInternals, parts: Omit<OverrideParts, 'dht'>): KadDHTInternals & Additions {
  for (const { member, replace } of OVERRIDES) {
    replaceMember(dht, member, (original: never) => replace(original, { ...parts, dht }))
  }

  return dht as KadDHTInternals & Additions
}
