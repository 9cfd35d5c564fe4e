import { isReachable } from '../is-reachable.ts'
import { RequestBatch } from '../requests/request-batch.ts'
import { RunningOperation } from '../requests/running-operation.ts'
import type { Client, ClientComponents, Operation, WalkResult } from '../client.ts'
import type { RequestLimits } from '../requests/connections.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** These limits only matter when a node leaves while it is being asked */
const LIMITS: RequestLimits = { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs: 10_000 }

/**
 * A client that knows which nodes are online and can be dialled. It asks the k closest of
 * them at once. No client that has to ask these nodes can be faster.
 */
export class OracleClient implements Client {
  readonly #components: ClientComponents

  constructor (components: ClientComponents) {
    this.#components = components
  }

  start (): void {}

  closestPeers (target: KadId, done: (result: WalkResult) => void): Operation {
    return this.#askAll(target, true, closest => { done({ closest }) })
  }

  findHolder (target: KadId, isHolder: (node: number) => boolean, done: (found: boolean) => void): Operation {
    const operation = this.#askAll(target, true, () => { done(false) }, node => {
      if (isHolder(node)) {
        operation.end(() => { done(true) })
      }
    })

    return operation
  }

  store (target: KadId, answered: boolean, done: (holders: number[]) => void): Operation {
    return this.#askAll(target, answered, done)
  }

  #askAll (target: KadId, answered: boolean, done: (succeeded: number[]) => void, onAnswer?: (node: number) => void): RunningOperation {
    const { world, clock, connections, k } = this.#components
    const operation = new RunningOperation()
    const batch = new RequestBatch({
      clock,
      nodes: world.population.closest(target, k, node => isReachable(world, node, clock.now)),
      start: (node, onEnd) => {
        operation.queries++

        return connections.ask(node, LIMITS, {
          onEnd: ({ type }) => {
            if (type === 'answered') {
              onAnswer?.(node)
            }

            onEnd(type === 'answered')
          }
        }, { answered })
      },
      onEnd: ({ succeeded }) => { operation.end(() => { done(succeeded) }) }
    })

    operation.started(() => { batch.cancel() })

    return operation
  }
}
