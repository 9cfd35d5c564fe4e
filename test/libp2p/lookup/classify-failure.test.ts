import { AbortError, ConnectionFailedError, DialError, StreamResetError, TimeoutError, UnsupportedProtocolError } from '@libp2p/interface'
import { describe, expect, test } from 'vitest'
import { classifyFailure } from '../../../src/libp2p/lookup/classify-failure.ts'
import type { RequestStage } from '../../../src/libp2p/lookup/classify-failure.ts'
import type { Outcome } from '../../../src/score/outcome.ts'

const REFUSED: Outcome = { type: 'dialFailed', class: 'refused' }
const DIAL_TIMEOUT: Outcome = { type: 'dialFailed', class: 'timeout' }
const NO_ADDRESS: Outcome = { type: 'dialFailed', class: 'noAddress' }
const PROTOCOL_ERROR: Outcome = { type: 'protocolError' }
const TIMED_OUT: Outcome = { type: 'timedOut', afterMs: 7 }

describe('a failed request', () => {
  test.each<[string, RequestStage, Error, Outcome | undefined]>([
    ['whose port refused', 'dialling', systemError('ECONNREFUSED'), REFUSED],
    ['whose connection was reset', 'dialling', systemError('ECONNRESET'), REFUSED],
    ['whose connection could not be set up', 'dialling', new ConnectionFailedError(), REFUSED],
    ['whose dial took too long', 'dialling', new TimeoutError(), DIAL_TIMEOUT],
    ['whose address took too long', 'dialling', new AbortError(), DIAL_TIMEOUT],
    ['whose host did not answer', 'dialling', systemError('ETIMEDOUT'), DIAL_TIMEOUT],
    ['that our own machine knew no way for', 'dialling', systemError('ENETUNREACH'), undefined],
    ['whose addresses our own machine knew no way to', 'dialling', new AggregateError([systemError('ENETUNREACH'), new AggregateError([systemError('EADDRNOTAVAIL'), systemError('ENETDOWN')])]), undefined],
    ['that found no local port free', 'dialling', systemError('EADDRNOTAVAIL'), undefined],
    ['that found too many files open', 'dialling', systemError('EMFILE'), undefined],
    ['one of whose addresses refused, while our own machine knew no way to the other', 'dialling', new AggregateError([systemError('ENETUNREACH'), systemError('ECONNREFUSED')]), REFUSED],
    ['that failed because our own machine knew no way', 'dialling', Object.assign(new ConnectionFailedError(), { cause: systemError('ENETUNREACH') }), undefined],
    ['whose connection was lost, while our own machine knew no way to make another', 'disconnected', systemError('ENETUNREACH'), undefined],
    ['whose connection was lost', 'disconnected', new StreamResetError(), TIMED_OUT],
    ['whose connection was closed', 'waiting', named('ConnectionClosedError'), TIMED_OUT],
    ['whose muxer was closed', 'waiting', named('MuxerClosedError'), TIMED_OUT],
    ['whose peer does not speak the protocol and hung up', 'disconnected', new UnsupportedProtocolError(), PROTOCOL_ERROR],
    ['whose host is unreachable', 'dialling', systemError('EHOSTUNREACH'), DIAL_TIMEOUT],
    ['whose addresses all refused', 'dialling', new AggregateError([systemError('ECONNREFUSED'), systemError('ECONNREFUSED')]), REFUSED],
    ['one of whose addresses took too long', 'dialling', new AggregateError([systemError('ECONNREFUSED'), new TimeoutError()]), DIAL_TIMEOUT],
    ['whose peer has no address', 'dialling', named('NoValidAddressesError'), NO_ADDRESS],
    ['whose peer does not speak the protocol', 'dialling', new UnsupportedProtocolError(), PROTOCOL_ERROR],
    ['that was not answered', 'waiting', new TimeoutError(), TIMED_OUT],
    ['that was not answered, by another name', 'waiting', new AbortError(), TIMED_OUT],
    ['whose stream was reset', 'waiting', new StreamResetError(), PROTOCOL_ERROR],
    ['whose answer made no sense', 'waiting', new RangeError('index out of range'), PROTOCOL_ERROR],
    ['that we denied', 'dialling', named('DialDeniedError'), undefined],
    ['that found the dial queue full', 'dialling', new DialError('Dial queue is full'), undefined],
    ['that found too many of our streams open', 'waiting', named('TooManyOutboundProtocolStreamsError'), undefined],
    ['of a node that stopped', 'dialling', named('NotStartedError'), undefined]
  ])('%s', (_, stage, error, outcome) => {
    expect(classifyFailure(error, stage, 7)).toEqual(outcome)
  })
})

function systemError (code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:1`), { code })
}

function named (name: string): Error {
  return Object.assign(new Error(name), { name })
}
