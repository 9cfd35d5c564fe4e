/**
 * A draw from the gamma distribution with scale 1.
 *
 * The method is that of Marsaglia and Tsang, "A Simple Method for Generating Gamma
 * Variables", ACM TOMS 26(3), 2000, for shapes of at least 1. It is not taken from a
 * library. A library would use the uniform numbers in another way, and then every
 * simulated world would change.
 *
 * @param draw - Gives uniform numbers in (0, 1)
 */
export function gammaVariate (shape: number, draw: () => number): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)

  while (true) {
    const normal = Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw())
    const v = (1 + c * normal) ** 3
    const uniform = draw()

    if (v > 0 && Math.log(uniform) < normal * normal / 2 + d - d * v + d * Math.log(v)) {
      return d * v
    }
  }
}
