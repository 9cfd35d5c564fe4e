import { describe, expect, test } from 'vitest'
import { parseProvideArguments } from '../../../src/cli/provide/provide-arguments.ts'
import { UsageError } from '../../../src/cli/usage-error.ts'
import type { ProvideArguments } from '../../../src/cli/provide/provide-arguments.ts'

const KEY = ['--key', 'key']
const SERVER = [...KEY, '--announce', '/ip4/1.2.3.4/tcp/4001']
const LIST = ['--cids', 'cids', '--location', 'published']
const PRIVATE = ['--protocol', '/private/kad/1.0.0', '--bootstrap', '/ip4/10.0.0.1/tcp/1']

function parse (args: string[], jobIndex?: string): ProvideArguments | undefined {
  return parseProvideArguments(args, jobIndex)
}

describe('the arguments of provide', () => {
  test('have defaults for the public network', () => {
    const parsed = parse([...SERVER, ...LIST])

    expect(parsed).toMatchObject({ cids: 'cids', car: undefined, key: 'key', location: 'published', protocol: '/ipfs/kad/1.0.0', isPublic: true, shard: undefined, timeoutMs: undefined, json: false })
    expect(parsed?.announce.map(String)).toEqual(['/ip4/1.2.3.4/tcp/4001'])
    expect(parsed?.bootstrap.length).toBeGreaterThan(3)
  })

  test('name several addresses and peers', () => {
    const parsed = parse([...SERVER, ...LIST, ...PRIVATE, '--announce', '/dns4/a.example/tcp/1', '--bootstrap', '/ip4/10.0.0.2/tcp/1', '--timeout', '1.5', '--json', '--car', 'car'])

    expect(parsed).toMatchObject({ car: 'car', protocol: '/private/kad/1.0.0', isPublic: false, timeoutMs: 1500, json: true })
    expect(parsed?.announce.map(String)).toEqual(['/ip4/1.2.3.4/tcp/4001', '/dns4/a.example/tcp/1'])
    expect(parsed?.bootstrap.map(String)).toEqual(['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.2/tcp/1'])
  })

  test('have a shard, which a job may know by itself', () => {
    expect(parse([...SERVER, ...LIST, '--shard', '1/4'])?.shard).toEqual({ index: 1, count: 4 })
    expect(parse([...SERVER, ...LIST, '--shards', '4'], '3')?.shard).toEqual({ index: 3, count: 4 })
    // the variable is there in each job, whatever the command
    expect(parse([...SERVER, ...LIST, '--shard', '1/4'], '3')?.shard).toEqual({ index: 1, count: 4 })
    expect(parse([...SERVER, ...LIST], '3')?.shard).toBeUndefined()
  })

  test('take private addresses on a private network', () => {
    expect(parse([...KEY, ...LIST, ...PRIVATE, '--announce', '/ip4/10.0.0.9/tcp/1'])?.announce.map(String)).toEqual(['/ip4/10.0.0.9/tcp/1'])
  })

  test('may ask for help, whatever is missing', () => {
    expect(parse(['--help'])).toBeUndefined()
  })

  test.each([
    [[...LIST], 'provide needs --key and --announce'],
    [[...LIST, ...KEY], 'provide needs --key and --announce'],
    [[...LIST, '--announce', '/ip4/1.2.3.4/tcp/1'], 'provide needs --key and --announce'],
    [[...SERVER, '--location', 'x'], 'provide needs --cids or --car'],
    [[...SERVER, '--cids', 'x'], 'provide needs --location'],
    [[...SERVER, ...LIST, 'x'], 'provide takes only options, and there is "x" as well'],
    [[...SERVER, ...LIST, '--announce', 'here'], '--announce is "here", allowed is a multiaddr'],
    [[...SERVER, ...LIST, '--announce', '/'], '--announce is "/", allowed is a multiaddr'],
    [[...SERVER, ...LIST, '--announce', '/ip4/192.168.0.1/tcp/1'], '--announce is "/ip4/192.168.0.1/tcp/1", which nobody can reach from outside'],
    [[...SERVER, ...LIST, '--bootstrap', 'there'], '--bootstrap is "there", allowed is a multiaddr'],
    [[...SERVER, ...LIST, '--protocol', '/private/kad/1.0.0'], 'provide needs --bootstrap, a peer of /private/kad/1.0.0 to start from'],
    [[...SERVER, ...LIST, '--shard', '4/4'], 'shard 4 of 4, allowed is a whole number from 0 to 3'],
    [[...SERVER, ...LIST, '--shard', '1'], 'the shard is "1", allowed is I/N, such as 0/4'],
    [[...SERVER, ...LIST, '--shard', '0/0'], '0 shards, allowed is'],
    [[...SERVER, ...LIST, '--shards', '4'], '--shards needs the variable JOB_COMPLETION_INDEX'],
    [[...SERVER, ...LIST, '--shards', '4', '--shard', '0/4'], '--shard and --shards are both given'],
    [[...SERVER, ...LIST, '--timeout', '0'], '--timeout is "0", allowed is a number above 0'],
    [[...SERVER, ...LIST, '--timeout', '5s'], '--timeout is "5s", allowed is a number above 0']
  ])('%j are refused', (args, message) => {
    expect(() => parse(args)).toThrow(UsageError)
    expect(() => parse(args)).toThrow(message)
  })
})
