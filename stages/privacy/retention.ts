const DAY_MS = 86_400_000;

/** The instant before which reviews are too old to keep: whole days (UTC) back from the day of the run. Null keeps all. */
export function cutOff(asOf: string, retentionDays: number | null): string | null {
  if (retentionDays === null) return null;
  const day = Math.floor(Date.parse(asOf) / DAY_MS);
  return new Date((day - retentionDays) * DAY_MS).toISOString().replace('.000Z', 'Z');
}
