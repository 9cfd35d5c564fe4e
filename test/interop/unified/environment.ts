/** The roles of a test. Each is a process of its own. */
export const ROLES = ['bootstrap', 'provider', 'querier'] as const

export type Role = typeof ROLES[number]

/** What the framework tells a process */
export interface Environment {
  role: Role
  /** Host name and port, with a colon between */
  redisAddress: string
  /** Names this test, in the keys of Redis and of the DHT */
  testKey: string
}

/**
 * Read what the framework tells
 *
 * @throws {Error} A variable is missing, or the role is none of the three
 */
export function readEnvironment (env: NodeJS.ProcessEnv): Environment {
  const role = ROLES.find(name => name === env.ROLE)

  if (role === undefined) {
    throw new Error(`ROLE is ${env.ROLE ?? 'missing'}, not one of ${ROLES.join(', ')}`)
  }

  return { role, redisAddress: required(env, 'REDIS_ADDR'), testKey: required(env, 'TEST_KEY') }
}

function required (env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name]

  if (value === undefined || value === '') {
    throw new Error(`${name} is missing`)
  }

  return value
}
