/** Counts what happened in the present stretch of time, for a bounded number of keys. */
export interface RateWindow {
  /** False when `key` has had its share of this stretch. */
  admit(key: string): boolean;
}

type WindowLimits = {
  readonly perWindow: number;
  readonly windowMs: number;
  readonly keysMax: number;
};

/** `elapsedMs` is machine time, which never goes back. The oldest key is forgotten when there are too many. */
export function rateWindow(limits: WindowLimits, elapsedMs: () => number): RateWindow {
  const seen = new Map<string, { readonly since: number; count: number }>();

  return {
    admit: (key) => {
      const now = elapsedMs();
      const known = seen.get(key);
      if (known !== undefined && now - known.since < limits.windowMs) {
        known.count += 1;
        return known.count <= limits.perWindow;
      }
      seen.delete(key);
      const oldest = seen.keys().next();
      if (seen.size >= limits.keysMax && oldest.done !== true) seen.delete(oldest.value);
      seen.set(key, { since: now, count: 1 });
      return limits.perWindow >= 1;
    },
  };
}
