/** Room for so many stages at a time; who asks first is served first. */
export interface Slots {
  /** Resolves when there is room: true if that took waiting. */
  take(): Promise<boolean>;
  free(): void;
}

export function openSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let room = Math.max(1, count);
  return {
    async take() {
      if (room > 0) {
        room--;
        return false;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
      return true;
    },
    free() {
      const next = waiting.shift();
      if (next === undefined) room++;
      else next();
    },
  };
}
