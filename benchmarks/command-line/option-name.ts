/**
 * How an option is written on the command line, without the dashes before it:
 * `rtt-ms` for `rttMs`
 */
export function optionName (key: string): string {
  return key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
