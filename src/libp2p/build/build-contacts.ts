import { RequestContexts } from '../lookup/request-context.ts'
import { SingleRequests } from '../lookup/single-requests.ts'
import { StandstillWatch } from '../lookup/standstill-watch.ts'
import { ScoredPing } from '../peers/scored-ping.ts'
import { DHTConnections } from '../streams/dht-connections.ts'
import type { KnowledgeParts } from './build-knowledge.ts'
import type { ServiceSettings } from './service-settings.ts'

/** The parts by which the node reaches its peers. kad-dht is built on them. */
export interface ContactParts {
  standstills: StandstillWatch
  requests: SingleRequests
  contexts: RequestContexts
  connections: DHTConnections
  ping: ScoredPing
}

/**
 * Build the parts that kad-dht gets in place of the node's own ping and connection manager
 */
export function buildContacts ({ components, protocol, upkeep, pingTimeoutMs, clock: { now } }: ServiceSettings, { table, book, speakers }: KnowledgeParts): ContactParts {
  const { scores } = table
  const requests = new SingleRequests({ table, book })
  const standstills = new StandstillWatch(now, () => { scores.interrupted(now()) })
  const contexts = new RequestContexts()
  const connections = new DHTConnections(components, {
    book,
    contexts,
    speakers,
    connectDeadlineMs: peer => scores.connectDeadlineMs(peer, false),
    protocol
  })
  const ping = new ScoredPing(components, {
    scores,
    parameters: upkeep,
    requests,
    timeoutMs: pingTimeoutMs,
    now,
    dial: async (peer, options) => connections.dial(peer, options),
    standstills
  })

  return { standstills, requests, contexts, connections, ping }
}
