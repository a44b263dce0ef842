/** When a reading was measured. Key and order of readings are their sequence; time only places them. */
import { minuteMs } from './slot.ts';
import { type EpochMs, epochMs } from './units.ts';

/** What a meter says about time. */
export type MeterTime = {
  readonly boot: number;
  /** 0 when its clock was never set. */
  readonly unixSeconds: number;
  /** 0: clock never set; 1: kept over or from the hub; 2: synchronised. */
  readonly timeQuality: 0 | 1 | 2;
  readonly uptimeSeconds: number | undefined;
};

/** When the meter's present boot began, as far as is known; it dates readings that carry only an uptime. */
export type BootClock = {
  readonly boot: number;
  readonly startedAtMs: number;
  readonly source: 'meter' | 'receipt';
};

export type Dating = {
  readonly at: EpochMs;
  readonly timeSource: 'meter' | 'receipt';
  readonly clock: BootClock | undefined;
};

/** 2024-01-01T00:00Z: no meter of this neighbourhood is older. */
const earliestMs = 1_704_067_200_000;
/** A meter's clock may run ahead of the hub's by this much. */
const aheadMaxMs = 5 * minuteMs;

/** Dates a reading by the meter's clock, else by its uptime since a known boot, else by its receipt. */
export function dateReading(
  time: MeterTime,
  receivedAt: EpochMs,
  clock: BootClock | undefined,
): Dating {
  const byMeter = time.unixSeconds * 1000;
  if (time.timeQuality >= 1 && isPlausible(byMeter, receivedAt)) {
    return { at: epochMs(byMeter), timeSource: 'meter', clock: startOf(time, byMeter, 'meter') };
  }
  const received = startOf(time, receivedAt, 'receipt');
  if (received === undefined) return { at: receivedAt, timeSource: 'receipt', clock };
  const known = clock?.boot === time.boot ? earlierStart(clock, received) : received;
  const byUptime = known.startedAtMs + receivedAt - received.startedAtMs;
  if (byUptime > receivedAt || !isPlausible(byUptime, receivedAt)) {
    return { at: receivedAt, timeSource: 'receipt', clock: known };
  }
  return { at: epochMs(byUptime), timeSource: known.source, clock: known };
}

/** A receipt can only be later than the measurement, so the earliest start is the best known. */
function earlierStart(clock: BootClock, received: BootClock): BootClock {
  if (clock.source === 'meter') return clock;
  return received.startedAtMs < clock.startedAtMs ? received : clock;
}

/** When the boot began that a reading of `atMs` belongs to; undefined without an uptime. */
export function startOf(
  time: Pick<MeterTime, 'boot' | 'uptimeSeconds'>,
  atMs: number,
  source: BootClock['source'],
): BootClock | undefined {
  if (time.uptimeSeconds === undefined) return undefined;
  return { boot: time.boot, startedAtMs: atMs - time.uptimeSeconds * 1000, source };
}

/** Whether a meter's clock may show `atMs` when the hub's shows `receivedAt`. */
export const isPlausible = (atMs: number, receivedAt: number): boolean =>
  atMs >= earliestMs && atMs <= receivedAt + aheadMaxMs;
