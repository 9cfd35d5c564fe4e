import { ADOPTION } from './adoption.ts'
import { BULK } from './bulk.ts'
import { CHURN } from './churn.ts'
import { CONVERGENCE } from './convergence.ts'
import { EPSILON } from './epsilon.ts'
import { LIVENESS } from './liveness.ts'
import { NAT } from './nat.ts'
import { SCALE } from './scale.ts'
import { TESTNET } from './testnet.ts'
import { VALIDATE } from './validate.ts'
import type { Study } from './study.ts'

/**
 * Every study that the simulator offers
 */
export const STUDIES: readonly Study[] = [VALIDATE, TESTNET, NAT, CHURN, SCALE, ADOPTION, CONVERGENCE, LIVENESS, EPSILON, BULK]
