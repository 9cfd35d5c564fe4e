/**
 * What a command line has to know about one option. The option's name is the name of its
 * value in kebab case: users type `--rtt-ms 50` for `rttMs`.
 */
export interface OptionDefinition {
  description: string
  default: unknown
  /** The default as the help shows it, where the value itself is not clear enough */
  defaultLabel?: string
  /** Another default for `--quick` */
  quick?: unknown
  /** Stands for the value in the help, such as `N`. An option without it is a flag. */
  placeholder?: string

  /**
   * Read the given text. Not called for flags.
   *
   * @throws {Error} The message says what the value must be
   */
  parse? (text: string): unknown
}
