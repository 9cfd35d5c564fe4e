/**
 * What a command line needs to know of one option. Its name is that of the
 * value in camel case; people write `--rtt-ms 50` for `rttMs`.
 */
export interface OptionDefinition {
  description: string
  default: unknown
  /** What the help calls the default, where the value itself says too little */
  defaultLabel?: string
  /** Another default for `--quick` */
  quick?: unknown
  /** The value in the help, such as `N`; without one the option is a flag */
  placeholder?: string

  /**
   * Read what was given; not called for flags
   *
   * @throws {Error} Says what the value must be
   */
  parse? (text: string): unknown
}
