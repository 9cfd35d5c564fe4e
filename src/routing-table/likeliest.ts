/**
 * The `n` peers that are the likeliest there, in the order given. A chance counts in tenths.
 * Of peers with the same one, those that come first are taken: the lists here are sorted
 * by distance.
 *
 * @param chanceOf - The chance that a peer answers, 0 to 1; undefined for one that is only taken where there are too few others
 */
export function likeliest<E> (peers: readonly E[], n: number, chanceOf: (peer: E) => number | undefined): E[] {
  const ranked = peers.map(peer => {
    const chance = chanceOf(peer)

    return { peer, tenths: chance === undefined ? -1 : Math.floor(10 * chance) }
  })
  // the sort is stable
  const chosen = new Set(ranked.sort((a, b) => b.tenths - a.tenths).slice(0, n).map(({ peer }) => peer))

  return peers.filter(peer => chosen.has(peer))
}
