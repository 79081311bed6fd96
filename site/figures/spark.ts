/** A line through a few shares, 0 at the foot: the points of an SVG polyline in a box of the given size. Null where there is no line to draw. */
export function sparkline(shares: readonly number[], box: { readonly width: number; readonly height: number }): string | null {
  if (shares.length < 2) return null;
  const most = Math.max(...shares, 1e-9);
  const step = (box.width - 2) / (shares.length - 1);
  return shares.map((share, index) => `${(1 + index * step).toFixed(1)},${(box.height - 1 - (share / most) * (box.height - 2)).toFixed(1)}`).join(' ');
}
