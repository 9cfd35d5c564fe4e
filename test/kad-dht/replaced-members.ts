/** Members that are no part of kad-dht: what it is given, its logs, and the listeners of its events */
const GIVEN = new Set(['components', 'peerId', 'addressManager', 'connectionManager', 'log', 'logger', 'metrics', 'metric', 'constructor'])

/**
 * The paths of all members in which an instance differs from a plain one: functions by their text and by whether they
 * are the instance's own, objects by their prototype, all else by value. An object that is reached on several
 * ways is looked into on the shortest only, and has to be the same on all of them.
 */
export function replacedMembers (plain: object, instance: object): string[] {
  const replaced: string[] = []
  const counterparts = new Map<object, object>([[plain, instance]])
  const queue = [{ path: '', plain, instance }]

  for (const pair of queue) {
    for (const name of new Set([...namesOf(pair.plain), ...namesOf(pair.instance)])) {
      const path = pair.path === '' ? name : `${pair.path}.${name}`
      const [before, after]: unknown[] = [Reflect.get(pair.plain, name), Reflect.get(pair.instance, name)]

      if (!isObject(before) || !isObject(after)) {
        if (typeof before === 'function' && typeof after === 'function'
          ? String(before) !== String(after) || Object.hasOwn(pair.plain, name) !== Object.hasOwn(pair.instance, name)
          : !Object.is(before, after)) {
          replaced.push(path)
        }
      } else if (Object.getPrototypeOf(before) !== Object.getPrototypeOf(after) || (counterparts.get(before) ?? after) !== after) {
        replaced.push(path)
      } else if (!counterparts.has(before)) {
        counterparts.set(before, after)
        queue.push({ path, plain: before, instance: after })
      }
    }
  }

  return replaced.sort()
}

/** Own members, and those of the prototypes, by name */
function namesOf (object: object): string[] {
  const names: string[] = []

  for (let owner = object; owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    names.push(...Object.getOwnPropertyNames(owner))
  }

  return names.filter(name => !GIVEN.has(name))
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
