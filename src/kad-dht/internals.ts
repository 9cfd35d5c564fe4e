import { IncompatibleKadDHTError } from './incompatible-kad-dht-error.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { DHTMessage } from './dht-message.ts'
import type { AbortOptions, PeerId, PeerInfo, RoutingOptions, Startable, Stream } from '@libp2p/interface'
import type { DHTRecord, DisjointPath, KadDHT, QueryEvent, SingleKadDHT, Validators } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { TypedEventTarget } from 'main-event'
import type { CID } from 'multiformats/cid'

/** The versions of @libp2p/kad-dht whose private shape is described here */
export const SUPPORTED_KAD_DHT = '16.4.x'

/** Every member that this package uses or replaces, with its `typeof` */
export const KAD_DHT_SHAPE = {
  start: 'function',
  stop: 'function',
  onPeerConnect: 'function',
  setMode: 'function',
  isStarted: 'function',
  'routingTable.kb.root': 'object',
  'routingTable.kb.toIterable': 'function',
  'routingTable.kb.get': 'function',
  'routingTable.kb.ping': 'function',
  'routingTable.kb.verify': 'function',
  'routingTable.kb.onAdd': 'function',
  'routingTable.kb.onRemove': 'function',
  'routingTable.add': 'function',
  'routingTable.remove': 'function',
  'routingTable.closestPeers': 'function',
  'routingTable.queueRoutingTableUpdate': 'function',
  'routingTable.routingTableUpdateQueue.find': 'function',
  'network.sendRequest': 'function',
  'network.sendMessage': 'function',
  'network._writeMessage': 'function',
  'network._writeReadMessage': 'function',
  'network.safeDispatchEvent': 'function',
  'network.timeout.getTimeoutSignal': 'function',
  'network.timeout.cleanUp': 'function',
  'queryManager.run': 'function',
  'queryManager.running': 'boolean',
  'queryManager.shutDownController.signal': 'object',
  'queryManager.allowQueryWithZeroPeers': 'boolean',
  'peerRouting.findPeer': 'function',
  'peerRouting.getClosestPeers': 'function',
  'peerRouting.routingTable': 'object',
  'peerRouting.routingTable.closestPeers': 'function',
  'peerRouting._verifyRecordOnline': 'function',
  'contentRouting.findProviders': 'function',
  'contentRouting.provide': 'function',
  'contentRouting.providers.addProvider': 'function',
  'contentFetching.get': 'function',
  'contentFetching.put': 'function',
  'contentFetching.datastorePrefix': 'string',
  'contentFetching.getMany': 'function',
  'contentFetching.sendCorrectionRecord': 'function',
  'contentFetching.getLocal': 'function',
  'rpc.handlers.PUT_VALUE.validators': 'object',
  'rpc.handlers.ADD_PROVIDER.handle': 'function',
  'rpc.handlers.GET_PROVIDERS.handle': 'function',
  'rpc.handlers.GET_PROVIDERS.peerRouting.getClosestPeersOffline': 'function',
  'querySelf.peerRouting': 'object',
  'querySelf.queryTimeout': 'number',
  'routingTableRefresh.refreshTable': 'function',
  'routingTableRefresh.refreshInterval': 'number',
  'routingTableRefresh.commonPrefixLengthRefreshedAt': 'object',
  'routingTableRefresh._prefixLengths': 'function',
  'routingTableRefresh._maxCommonPrefix': 'function',
  'routingTableRefresh._refreshCommonPrefixLength': 'function'
} as const satisfies Record<string, 'function' | 'object' | 'number' | 'string' | 'boolean'>

/** The path of a member of kad-dht: `routingTable.kb.ping` */
export type KadDHTMember = keyof typeof KAD_DHT_SHAPE

/** The type of the member at a path */
export type MemberAt<T, Path extends string> = Path extends `${infer Name}.${infer Rest}`
  ? Name extends keyof T ? MemberAt<T[Name], Rest> : never
  : Path extends keyof T ? T[Path] : never

/** A contact in kad-dht's k-buckets */
export interface KBucketPeer {
  peerId: PeerId
  kadId: KadId
  /** When the peer last answered a ping, ms since the epoch; 0 for never */
  lastPing: number
}

/** A node of kad-dht's trie of k-buckets: a leaf has `peers` */
export type KBucketNode = { peers: KBucketPeer[] } | { left: KBucketNode, right: KBucketNode }

/** kad-dht's trie of k-buckets */
export interface KBucketTrie {
  root: KBucketNode
  localPeer?: KBucketPeer
  toIterable (): Iterable<KBucketPeer>
  get (kadId: KadId): KBucketPeer | undefined
  ping (contacts: KBucketPeer[], options?: AbortOptions): AsyncGenerator<KBucketPeer>
  verify (contact: KBucketPeer, options?: AbortOptions): Promise<boolean>
  onAdd (peer: KBucketPeer, bucket: unknown, options?: AbortOptions): Promise<void>
  onRemove (peer: KBucketPeer, bucket: unknown, options?: AbortOptions): Promise<void>
}

/** kad-dht's routing table */
export interface InternalRoutingTable extends TypedEventTarget<{ 'peer:add': CustomEvent<PeerId>, 'peer:remove': CustomEvent<PeerId>, 'peer:ping': CustomEvent<PeerId> }> {
  readonly size: number
  kb: KBucketTrie
  add (peerId: PeerId, options?: AbortOptions): Promise<void>
  remove (peerId: PeerId, options?: AbortOptions): Promise<void>
  closestPeers (kadId: KadId, options?: { count?: number, exclude?: PeerId[] }): PeerId[]
  queueRoutingTableUpdate (peerId: PeerId, options?: AbortOptions & { activeTimeout?: number }): void
  /** The updates of the table that wait for their turn */
  readonly routingTableUpdateQueue: { find (peerId: PeerId): { join (options?: AbortOptions): Promise<void> } | undefined }
}

/** Options of an RPC */
export interface RPCOptions extends RoutingOptions {
  path: DisjointPath
}

/** The part of a stream that kad-dht's network itself uses. Only `_writeMessage` and `_writeReadMessage`, which we replace, use the rest. */
export type KadDHTStream = Pick<Stream, 'close' | 'abort'>

/** Sends requests and reads responses */
export interface InternalNetwork {
  sendRequest (to: PeerId, message: Partial<DHTMessage>, options: RPCOptions): AsyncGenerator<QueryEvent>
  sendMessage (to: PeerId, message: Partial<DHTMessage>, options: RPCOptions): AsyncGenerator<QueryEvent>
  _writeMessage (stream: KadDHTStream, message: Partial<DHTMessage>, options: AbortOptions): Promise<void>
  _writeReadMessage (stream: KadDHTStream, message: Partial<DHTMessage>, options: AbortOptions): Promise<DHTMessage>
  safeDispatchEvent<T> (type: 'peer', detail: { detail: T }): void
  timeout: {
    getTimeoutSignal (options?: AbortOptions): AbortSignal & { start: number, timeout: number, clear (): void }
  }
}

/** What the query manager hands to the function that asks one peer */
export interface QueryContext {
  key: Uint8Array
  peer: PeerInfo
  peerKadId: KadId
  signal: AbortSignal
  path: DisjointPath
  numPaths: number
}

/** Asks one peer */
export type QueryFunc = (context: QueryContext) => AsyncIterable<QueryEvent>

/** Options of a lookup */
export interface QueryOptions extends RoutingOptions {
  isSelfQuery?: boolean
  /** An option of this package: whether one answer may be all that the operation needs */
  endsEarly?: boolean
}

/** kad-dht's query manager, which runs every lookup */
export interface InternalQueryManager {
  running: boolean
  shutDownController: AbortController
  initialQuerySelfHasRun?: { promise: Promise<void> }
  readonly allowQueryWithZeroPeers: boolean
  run (key: Uint8Array, queryFunc: QueryFunc, options?: QueryOptions): AsyncGenerator<QueryEvent>
}

/** Finds peers, and answers requests for peers */
export interface InternalPeerRouting {
  routingTable: InternalRoutingTable
  findPeer (id: PeerId, options?: QueryOptions): AsyncGenerator<QueryEvent>
  getClosestPeers (key: Uint8Array, options?: QueryOptions): AsyncGenerator<QueryEvent>
  _verifyRecordOnline (record: DHTRecord, key: Uint8Array, options?: AbortOptions): Promise<void>
}

/** Refreshes the routing table */
export interface InternalTableRefresh {
  refreshInterval: number
  /** When each part of the table was refreshed last, by common prefix length */
  readonly commonPrefixLengthRefreshedAt: Date[]
  refreshTable (force?: boolean, options?: AbortOptions): void
  _prefixLengths (): Generator<number>
  _maxCommonPrefix (): number
  _refreshCommonPrefixLength (commonPrefixLength: number, lastRefresh: Date, force: boolean, options?: AbortOptions): Promise<void>
}

/** kad-dht's self-query, the lookup of our own position */
export interface InternalQuerySelf {
  peerRouting: Pick<InternalPeerRouting, 'getClosestPeers'>
  queryTimeout: number
}

/** Finds providers, and announces this node as a provider */
export interface InternalContentRouting {
  findProviders (key: CID, options: QueryOptions): AsyncGenerator<QueryEvent>
  provide (key: CID, multiaddrs: Multiaddr[], options?: RoutingOptions): AsyncGenerator<QueryEvent>
  /** Whom the node knows to provide what, itself included */
  readonly providers: { addProvider (key: CID, provider: PeerId, options?: AbortOptions): Promise<void> }
}

/** Reads and writes values */
export interface InternalContentFetching {
  /** Under which records lie in the datastore */
  readonly datastorePrefix: string
  get (key: Uint8Array, options: RoutingOptions): AsyncGenerator<QueryEvent>
  put (key: Uint8Array, value: Uint8Array, options: RoutingOptions): AsyncGenerator<QueryEvent>
  getMany (key: Uint8Array, options?: RoutingOptions): AsyncGenerator<QueryEvent>
  sendCorrectionRecord (key: Uint8Array, values: unknown[], best: Uint8Array, options: RPCOptions): AsyncGenerator<QueryEvent>
  /** Throws when there is no value, or it is not valid any more */
  getLocal (key: Uint8Array, options?: AbortOptions): Promise<{ value: Uint8Array }>
}

/** Answers one type of request */
export interface InternalRequestHandler {
  handle (peer: PeerId, message: DHTMessage): Promise<DHTMessage | undefined>
}

/** Answers the requests of others */
export interface InternalRPC {
  /** By the type of the request. The validators are the same object as the DHT's own. */
  handlers: {
    PUT_VALUE: { validators: Validators }
    ADD_PROVIDER: InternalRequestHandler
    GET_PROVIDERS: InternalRequestHandler & { peerRouting: { getClosestPeersOffline (key: Uint8Array): Promise<PeerInfo[]> } }
  }
}

/**
 * An instance of kad-dht with its private parts. Only this file describes them.
 */
export interface KadDHTInternals extends SingleKadDHT, Startable {
  routingTable: InternalRoutingTable
  network: InternalNetwork
  queryManager: InternalQueryManager
  peerRouting: InternalPeerRouting
  contentRouting: InternalContentRouting
  contentFetching: InternalContentFetching
  rpc: InternalRPC
  querySelf: InternalQuerySelf
  routingTableRefresh: InternalTableRefresh
  onPeerConnect (peer: PeerInfo): Promise<void>
  isStarted (): boolean
  start (): Promise<void>
  stop (): Promise<void>
}

/**
 * Check that an instance of kad-dht has the expected private parts, and give it their types.
 *
 * @throws {IncompatibleKadDHTError} The instance has another shape than the supported versions
 */
export function kadDHTInternals (dht: KadDHT): KadDHTInternals {
  const missing = Object.entries(KAD_DHT_SHAPE)
    // eslint-disable-next-line valid-typeof -- the kinds are those of KAD_DHT_SHAPE
    .filter(([path, kind]) => typeof memberAt(dht, path.split('.')) !== kind)
    .map(([path, kind]) => `${path} (${kind})`)

  if (missing.length > 0) {
    throw new IncompatibleKadDHTError(installedVersion(), SUPPORTED_KAD_DHT, missing)
  }

  return dht as unknown as KadDHTInternals
}

/**
 * Replace a member of kad-dht.
 *
 * @param path - The path from the instance, such as `routingTable.kb.ping`
 * @param replace - Takes the original member and returns the new one. The original is `undefined` where there is none.
 *   A method is bound to its owner: with metrics kad-dht's methods are bound wrappers, without metrics they are those of the prototype.
 */
export function replaceMember (dht: KadDHTInternals, path: string, replace: (original: never) => unknown): void {
  const names = path.split('.')
  const name = names.pop() ?? ''
  const owner = memberAt(dht, names) as Record<string, unknown>
  const member = owner[name]

  owner[name] = replace((typeof member === 'function' ? member.bind(owner) : member) as never)
}

/**
 * The k-bucket that a kad id belongs to
 */
export function bucketOf (kb: KBucketTrie, kadId: KadId): KBucketPeer[] {
  let node = kb.root

  for (let bit = 0; !('peers' in node); bit++) {
    node = (kadId[bit >> 3] & (0x80 >> (bit & 7))) === 0 ? node.left : node.right
  }

  return node.peers
}

function memberAt (object: object, names: string[]): unknown {
  return names.reduce<unknown>((member, name) => (member as Record<string, unknown> | undefined)?.[name], object)
}

/**
 * The version of the installed kad-dht. kad-dht does not export it, so on Node its package.json is read.
 */
function installedVersion (): string {
  try {
    const { findPackageJSON } = process.getBuiltinModule('node:module')
    const path = findPackageJSON('@libp2p/kad-dht', import.meta.url)

    return JSON.parse(process.getBuiltinModule('node:fs').readFileSync(path ?? '', 'utf8')).version
  } catch {
    return '(unknown version)'
  }
}
