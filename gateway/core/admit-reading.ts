/** Decides what becomes of one line from a meter: kept, seen before, or set aside. */
import { registersBetween } from './boundary.ts';
import type { BoundaryRegisters, Reading } from './reading.ts';
import {
  type BootClock,
  dateReading,
  isPlausible,
  type MeterTime,
  startOf,
} from './reading-date.ts';
import { checkRegisters, neverFalls, type RegisterFault } from './register-check.ts';
import { countedOn } from './rollover.ts';
import {
  type Milestone,
  markSeen,
  type Neighbours,
  neighboursOf,
  neighboursWithin,
  rangeOf,
  type SeenRange,
} from './seen-ranges.ts';
import { type EpochMs, epochMs, type MilliWattHours, milliWattHours } from './units.ts';

/** All that must be remembered of a meter to judge its next line. */
export type MeterMemory = {
  readonly seen: readonly SeenRange[];
  readonly clock: BootClock | undefined;
  /** The kept reading with the latest time. */
  readonly newest: Milestone | undefined;
};

/** What a meter said, checked for form but not for truth. */
export type ReadingLine = MeterTime &
  Omit<Reading, 'at' | 'timeSource' | 'generationMwh'> & {
    /** Undefined for a meter without that register; it then stays where it was. */
    readonly generationMwh: MilliWattHours | undefined;
  };

/**
 * How the bytes compare with those seen under the same sequence number, where these are remembered; `absent` when
 * the disk was asked and has never seen that number.
 */
export type Likeness = 'same' | 'other' | 'forgotten' | 'absent';

export type Admission =
  | {
      readonly kind: 'kept';
      readonly reading: Reading;
      readonly boundaries: readonly BoundaryRegisters[];
      readonly memory: MeterMemory;
    }
  | { readonly kind: 'duplicate' }
  | {
      readonly kind: 'quarantined';
      readonly reason: RegisterFault | 'replayed-with-other-content';
      readonly memory: MeterMemory;
    };

export const emptyMemory: MeterMemory = { seen: [], clock: undefined, newest: undefined };

/** Whether the disk must be asked before this number can be judged: it lies where a gap was forgotten. */
export const isDoubtful = ({ seen }: MeterMemory, sequence: number): boolean =>
  rangeOf(seen, sequence)?.hasGaps === true;

/** `likeness` counts only for a sequence number that was seen before. */
export function admitReading(
  memory: MeterMemory,
  line: ReadingLine,
  receivedAt: EpochMs,
  likeness: Likeness,
): Admission {
  const range = rangeOf(memory.seen, line.sequence);
  const isGap = range?.hasGaps === true && likeness === 'absent';
  if (range !== undefined && !isGap) {
    if (isReplay(range, line, receivedAt, likeness)) {
      return { kind: 'quarantined', reason: 'replayed-with-other-content', memory };
    }
    return { kind: 'duplicate' };
  }
  const known = isGap
    ? neighboursWithin(range, line.sequence)
    : neighboursOf(memory.seen, line.sequence);
  const neighbours = { ...known, before: believed(known.before, receivedAt) };
  const dating = dateReading(line, receivedAt, memory.clock);
  const reading = placed(line, dating, neighbours);
  const fault = checkRegisters(milestoneOf(reading), neighbours);
  if (fault !== undefined) {
    return {
      kind: 'quarantined',
      reason: fault,
      memory: rememberingRefused(memory, line.sequence),
    };
  }
  return {
    kind: 'kept',
    reading,
    boundaries: boundariesOf(reading, neighbours, believed(memory.newest, receivedAt)),
    memory: withReading(memory, reading, dating.clock, neighbours, receivedAt),
  };
}

/**
 * A reading may have been dated while the hub's clock was ahead. What seems to be of the future now was measured by
 * now, nobody knows when; else everything would wait for a day that is far off.
 */
function believed(milestone: Milestone | undefined, now: EpochMs): Milestone | undefined {
  if (milestone === undefined || isPlausible(milestone.at, now)) return milestone;
  return { ...milestone, at: now, timeSource: 'receipt' };
}

/** The memory after a reading that was admitted earlier, as it is found on disk at a start. */
export function remembering(
  memory: MeterMemory,
  reading: Reading,
  uptimeSeconds: number | undefined,
): MeterMemory {
  if (rangeOf(memory.seen, reading.sequence) !== undefined) return memory;
  const clock = startOf({ boot: reading.boot, uptimeSeconds }, reading.at, reading.timeSource);
  const neighbours = neighboursOf(memory.seen, reading.sequence);
  return withReading(memory, reading, clock, neighbours, undefined);
}

/** The memory after a sequence number that was seen but not kept. */
export const rememberingRefused = (memory: MeterMemory, sequence: number): MeterMemory =>
  rangeOf(memory.seen, sequence) === undefined
    ? { ...memory, seen: markSeen(memory.seen, sequence, undefined) }
    : memory;

function withReading(
  memory: MeterMemory,
  reading: Reading,
  clock: BootClock | undefined,
  { after }: Neighbours,
  now: EpochMs | undefined,
): MeterMemory {
  const milestone = milestoneOf(reading);
  const isLate = after !== undefined && clock?.boot !== memory.clock?.boot;
  const isNew = rangeOf(memory.seen, reading.sequence) === undefined;
  return {
    seen: isNew ? markSeen(memory.seen, reading.sequence, milestone) : memory.seen,
    // A late reading of an older boot says nothing about the boot that runs now.
    clock: isLate ? memory.clock : (clock ?? memory.clock),
    newest: isNewer(memory.newest, reading, now) ? memory.newest : milestone,
  };
}

const isNewer = (
  newest: Milestone | undefined,
  { at }: Reading,
  now: EpochMs | undefined,
): boolean =>
  newest !== undefined && newest.at >= at && (now === undefined || isPlausible(newest.at, now));

/**
 * Where the bytes are forgotten, a time or registers that cannot have stood there still betray other content: a
 * meter that was reset counts its readings from the beginning again, and must not pass for a resend.
 */
function isReplay(
  { first, last }: SeenRange,
  line: ReadingLine,
  receivedAt: EpochMs,
  likeness: Likeness,
): boolean {
  if (likeness === 'same' || likeness === 'other') return likeness === 'other';
  if (first === undefined || last === undefined) return false;
  // At the ends of a range may stand numbers of readings that were not kept.
  if (line.sequence < first.sequence || line.sequence > last.sequence) return false;
  const { at, timeSource } = dateReading(line, receivedAt, undefined);
  if (timeSource === 'meter' && last.timeSource === 'meter' && at > last.at) return true;
  const generationMwh = line.generationMwh ?? first.generationMwh;
  const registers = countedOn({ ...line, generationMwh }, first);
  return !(neverFalls(first, registers) && neverFalls(registers, last));
}

/** A reading dated by its receipt cannot be older or newer than its neighbours in sequence order. */
function placed(
  line: ReadingLine,
  { at, timeSource }: Pick<Reading, 'at' | 'timeSource'>,
  { before, after }: Neighbours,
): Reading {
  const bounded = Math.max(before?.at ?? 0, Math.min(at, after?.at ?? at));
  const generationMwh = line.generationMwh ?? before?.generationMwh ?? milliWattHours(0);
  const registers = countedOn({ ...line, generationMwh }, before);
  return {
    meter: line.meter,
    sequence: line.sequence,
    boot: line.boot,
    at: timeSource === 'receipt' ? epochMs(bounded) : at,
    timeSource,
    importMwh: registers.importMwh,
    exportMwh: registers.exportMwh,
    generationMwh: registers.generationMwh,
    powerMw: line.powerMw,
    voltageMv: line.voltageMv,
    flags: line.flags,
  };
}

/** A live reading follows the newest in time; a late one stands between its neighbours. */
function boundariesOf(
  reading: Reading,
  { before, after }: Neighbours,
  newest: Milestone | undefined,
): BoundaryRegisters[] {
  const earlier = after === undefined ? newest : before;
  if (after !== undefined && after.at < reading.at) return [];
  return [
    ...(earlier ? registersBetween(reading.meter, earlier, reading) : []),
    ...(after ? registersBetween(reading.meter, reading, after) : []),
  ];
}

export const milestoneOf = (reading: Reading): Milestone => ({
  sequence: reading.sequence,
  at: reading.at,
  timeSource: reading.timeSource,
  importMwh: reading.importMwh,
  exportMwh: reading.exportMwh,
  generationMwh: reading.generationMwh,
});
