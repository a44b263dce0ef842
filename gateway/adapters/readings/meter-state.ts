/** What is remembered of a meter between two starts, as compact JSON. */
import type { MeterMemory } from '../../core/admit-reading.ts';
import { milestoneOf } from '../../core/admit-reading.ts';
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import type { Milestone, SeenRange } from '../../core/seen-ranges.ts';
import { epochMs, milliWattHours } from '../../core/units.ts';

export type MeterState = {
  readonly memory: MeterMemory;
  /** The kept reading with the highest sequence number. */
  readonly latest: Reading | undefined;
};

type Numbers = readonly number[];
/** A milestone; 0 stands for the latest reading, null for none. */
type Mark = Numbers | 0 | null;
type Written = {
  readonly seen: readonly (readonly [
    from: number,
    to: number,
    first: Mark,
    last: Mark,
    hasGaps?: 1,
  ])[];
  readonly clock: readonly [boot: number, startedAtMs: number, byMeter: number] | null;
  readonly newest: Mark;
  readonly latest: Numbers | null;
};

export function writeState({ memory, latest }: MeterState): string {
  const mark = (milestone: Milestone | undefined): Mark => {
    if (milestone === undefined) return null;
    return milestone.sequence === latest?.sequence ? 0 : numbersOf(milestone);
  };
  const written: Written = {
    seen: memory.seen.map(({ from, to, first, last, hasGaps }) => {
      const range = [from, to, mark(first), mark(last)] as const;
      return hasGaps ? [...range, 1] : range;
    }),
    clock: memory.clock
      ? [memory.clock.boot, memory.clock.startedAtMs, memory.clock.source === 'meter' ? 1 : 0]
      : null,
    newest: mark(memory.newest),
    latest: latest
      ? [...numbersOf(latest), latest.boot, latest.powerMw, latest.voltageMv, latest.flags]
      : null,
  };
  return JSON.stringify(written);
}

export function readState(meter: MeterId, text: string): MeterState {
  const written = JSON.parse(text) as Written;
  const latest = written.latest ? readingOf(meter, written.latest) : undefined;
  const milestone = (mark: Mark): Milestone | undefined => {
    if (mark === null) return undefined;
    return mark === 0 ? latest && milestoneOf(latest) : milestoneFrom(mark);
  };
  const seen = written.seen.map(([from, to, first, last, hasGaps]): SeenRange => {
    const range = { from, to, first: milestone(first), last: milestone(last) };
    return hasGaps ? { ...range, hasGaps: true } : range;
  });
  const clock = written.clock
    ? {
        boot: written.clock[0],
        startedAtMs: written.clock[1],
        source: written.clock[2] === 1 ? ('meter' as const) : ('receipt' as const),
      }
    : undefined;
  return { memory: { seen, clock, newest: milestone(written.newest) }, latest };
}

const numbersOf = (milestone: Milestone): Numbers => [
  milestone.sequence,
  milestone.at,
  milestone.timeSource === 'meter' ? 1 : 0,
  milestone.importMwh,
  milestone.exportMwh,
  milestone.generationMwh,
];

function milestoneFrom(numbers: Numbers): Milestone {
  const [sequence = 0, at = 0, byMeter = 0, imported = 0, exported = 0, generated = 0] = numbers;
  return {
    sequence,
    at: epochMs(at),
    timeSource: byMeter === 1 ? 'meter' : 'receipt',
    importMwh: milliWattHours(imported),
    exportMwh: milliWattHours(exported),
    generationMwh: milliWattHours(generated),
  };
}

function readingOf(meter: MeterId, numbers: Numbers): Reading {
  const [boot = 0, powerMw = 0, voltageMv = 0, flags = 0] = numbers.slice(6);
  return { meter, boot, powerMw, voltageMv, flags, ...milestoneFrom(numbers) };
}
