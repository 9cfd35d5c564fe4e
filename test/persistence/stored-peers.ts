import fc from 'fast-check'
import type { StoredAddress, StoredPeer } from '../../src/persistence/score-store.ts'
import type { OutcomeType } from '../../src/score/outcome.ts'

const OUTCOMES: OutcomeType[] = ['responded', 'stored', 'timedOut', 'dialFailed', 'protocolError', 'invalidRecord']

/**
 * Any peer that the score's own rules allow, within the bounds that a store keeps
 */
export function anyStoredPeer (): fc.Arbitrary<StoredPeer> {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const amount = fc.double({ min: 0, max: 1e9, noNaN: true })
  const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: 1, maxLength })
  const addresses = (): fc.Arbitrary<StoredAddress[]> => fc.array(fc.record({ multiaddr: bytes(512), reliability: share }), { maxLength: 8 })

  const named = fc.record({
    peer: bytes(64),
    naming: fc.record({ referrer: bytes(64), namedAt: fc.maxSafeNat() }),
    addresses: addresses()
  })
  const scored = fc.record({
    peer: bytes(64),
    score: fc.tuple(
      fc.record({
        reliability: share,
        weight: amount,
        referral: share,
        referralWeight: amount,
        lastOutcome: fc.option(fc.constantFrom(...OUTCOMES), { nil: undefined }),
        updatedAt: fc.maxSafeNat()
      }),
      fc.option(fc.record({ latencyMs: amount, latencyDeviationMs: amount }), { nil: { latencyMs: undefined, latencyDeviationMs: undefined } }),
      fc.option(
        fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()).map(times => ({ answeringSince: Math.min(...times), answeredAt: Math.max(...times) })),
        { nil: { answeringSince: undefined, answeredAt: undefined } }
      )
    ).map(([score, latency, answers]) => ({ ...score, ...latency, ...answers })),
    addresses: addresses()
  })

  return fc.oneof(scored, named)
}

/**
 * The peer as its record has it: means rounded to float32, addresses' reliability to 1/254
 */
export function rounded ({ peer, score, naming, addresses: all }: StoredPeer): StoredPeer {
  const addresses = all.map(({ multiaddr, reliability }: StoredAddress) => ({ multiaddr, reliability: Math.round(reliability * 254) / 254 }))
  const float32 = (value: number | undefined): number | undefined => value === undefined ? undefined : Math.fround(value)

  return score === undefined
    ? { peer, naming, addresses }
    : {
        peer,
        score: {
          ...score,
          reliability: Math.fround(score.reliability),
          weight: Math.fround(score.weight),
          latencyMs: float32(score.latencyMs),
          latencyDeviationMs: float32(score.latencyDeviationMs),
          referral: Math.fround(score.referral),
          referralWeight: Math.fround(score.referralWeight)
        },
        addresses
      }
}
