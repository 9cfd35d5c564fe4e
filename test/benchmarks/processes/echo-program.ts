import { createInterface } from 'node:readline'

/*
 * A program that speaks as those of other implementations do. It answers each command
 * with its argument, the command `fail` with an error, and `end` not at all.
 */
createInterface({ input: process.stdin }).on('line', line => {
  const { id, command, argument } = JSON.parse(line)

  if (command === 'end') {
    process.stderr.write('told to end\n', () => process.exit(3))
  } else {
    process.stdout.write(`${JSON.stringify(command === 'fail' ? { id, error: 'told to fail' } : { id, result: argument })}\n`)
  }
})
