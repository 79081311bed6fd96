const EVERY_MS = 60_000;

/**
 * Tells of the first one at once, then once in a while of how many more there were, and of the last: what clients can bring about
 * a thousand times a second is no line of the log each.
 */
export function nowAndThen<T>(tell: (count: number, last: T) => void, everyMs = EVERY_MS): (what: T) => void {
  let untold: T[] = [];
  let count = 0;
  let quiet = true;
  const say = (): void => {
    const [last] = untold;
    quiet = last === undefined;
    if (last === undefined) return;
    const told = count;
    [untold, count] = [[], 0];
    setTimeout(say, everyMs).unref();
    tell(told, last);
  };
  return (what) => {
    untold = [what];
    count++;
    if (quiet) say();
  };
}
