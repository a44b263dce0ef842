/**
 * The plain case of admitReading: the next reading of a meter whose clock runs, inside the same slot. Nearly
 * every reading is one, and judging it takes no memory beyond the last. Whatever is not plain is judged in full.
 */
import { isPlausible } from './reading-date.ts';
import { riseMaxMwh } from './register-check.ts';
import { slotMs } from './slot.ts';

/** The last kept reading of a meter: the highest sequence number and the latest time at once. */
export type LastReading = {
  readonly sequence: number;
  readonly boot: number;
  readonly at: number;
  /** Whether the meter's own clock dated it. */
  readonly byMeter: boolean;
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
};

/** What the next line says, in plain numbers. */
export type NextLine = {
  readonly sequence: number;
  readonly boot: number;
  readonly unixSeconds: number;
  readonly timeQuality: number;
  readonly importMwh: number;
  readonly exportMwh: number;
  readonly generationMwh: number;
};

/**
 * Whether admitReading would keep `next` under the meter's own time, with no slot beginning between the two.
 * `last` must be the newest both by sequence and by time, and nothing may have been seen beyond it.
 */
export function isPlain(last: LastReading, next: NextLine, receivedAt: number): boolean {
  const at = next.unixSeconds * 1000;
  if (next.sequence !== last.sequence + 1 || next.boot !== last.boot) return false;
  if (next.timeQuality < 1 || !last.byMeter || at <= last.at) return false;
  if (!isPlausible(at, receivedAt) || Math.ceil(last.at / slotMs) * slotMs <= at) return false;
  const imported = next.importMwh - last.importMwh;
  const exported = next.exportMwh - last.exportMwh;
  const generated = next.generationMwh - last.generationMwh;
  const most = riseMaxMwh(at - last.at);
  return (
    imported >= 0 &&
    exported >= 0 &&
    generated >= 0 &&
    imported <= most &&
    exported <= most &&
    generated <= most
  );
}
