/** A line through a few shares, 0 at the foot and the limit (or a share beyond it) at the top: the points of an SVG polyline in a box of the given size. Null where there is no line to draw. */
export function sparkline(shares: readonly number[], box: { readonly width: number; readonly height: number; readonly limit: number }): string | null {
  if (shares.length < 2) return null;
  const most = Math.max(...shares, box.limit, 1e-9);
  const step = (box.width - 2) / (shares.length - 1);
  return shares.map((share, index) => `${(1 + index * step).toFixed(1)},${(box.height - 1 - (share / most) * (box.height - 2)).toFixed(1)}`).join(' ');
}
