/**
 * Which sequence numbers of a meter have been seen, in as few ranges as possible. Live readings may
 * overtake a backlog, so one high-water mark is not enough. Each range knows the first and last reading
 * that was kept in it: these are the neighbours of whatever may still arrive in the gaps.
 */
import type { Reading, Registers } from './reading.ts';

/** What a kept reading says about its neighbours. */
export type Milestone = Registers & Pick<Reading, 'sequence' | 'at' | 'timeSource'>;

/** Both ends belong to the range. A quarantined reading is seen, but is no milestone. */
export type SeenRange = {
  readonly from: number;
  readonly to: number;
  /** Numbers in it may not have been seen: two ranges were joined over their gap, because there were too many. */
  readonly hasGaps?: true;
  readonly first: Milestone | undefined;
  readonly last: Milestone | undefined;
};

/** The kept readings next to a sequence number; undefined at either end. */
export type Neighbours = {
  readonly before: Milestone | undefined;
  readonly after: Milestone | undefined;
};

/** A meter that loses more pieces than this has its oldest gap forgotten: what arrives there is looked up on disk. */
export const seenRangesMax = 64;

/** The range that holds `sequence`, if it was seen. */
export function rangeOf(ranges: readonly SeenRange[], sequence: number): SeenRange | undefined {
  const range = ranges[countBelow(ranges, sequence) - 1];
  return range !== undefined && sequence <= range.to ? range : undefined;
}

/** Neighbours in sequence order of a number that was not seen yet. */
export function neighboursOf(ranges: readonly SeenRange[], sequence: number): Neighbours {
  const place = countBelow(ranges, sequence);
  return {
    before: ranges.slice(0, place).findLast((range) => range.last)?.last,
    after: ranges.slice(place).find((range) => range.first)?.first,
  };
}

/** The ranges with one more number in them, which was not seen before; `kept` unless it was quarantined. */
export function markSeen(
  ranges: readonly SeenRange[],
  sequence: number,
  kept: Milestone | undefined,
  rangesMax = seenRangesMax,
): readonly SeenRange[] {
  const place = countBelow(ranges, sequence);
  const below = ranges[place - 1];
  const above = ranges[place];
  const touchesBelow = below !== undefined && below.to + 1 === sequence;
  const touchesAbove = above !== undefined && above.from - 1 === sequence;

  let grown: SeenRange = { from: sequence, to: sequence, first: kept, last: kept };
  if (touchesBelow) grown = join(below, grown);
  if (touchesAbove) grown = join(grown, above);
  const all = [
    ...ranges.slice(0, touchesBelow ? place - 1 : place),
    grown,
    ...ranges.slice(touchesAbove ? place + 1 : place),
  ];
  const [oldest, next, ...rest] = all;
  if (all.length <= rangesMax || oldest === undefined || next === undefined) return all;
  return [{ ...join(oldest, next), hasGaps: true }, ...rest];
}

/** The kept readings around a number in a gap that was forgotten, as far as they are still known. */
export function neighboursWithin({ first, last }: SeenRange, sequence: number): Neighbours {
  return {
    before: first !== undefined && first.sequence < sequence ? first : undefined,
    after: last !== undefined && last.sequence > sequence ? last : undefined,
  };
}

const join = (low: SeenRange, high: SeenRange): SeenRange => ({
  from: low.from,
  to: high.to,
  first: low.first ?? high.first,
  last: high.last ?? low.last,
  ...(low.hasGaps || high.hasGaps ? { hasGaps: true } : {}),
});

/** How many ranges begin at or below `sequence`; looks from the end, where live readings are. */
function countBelow(ranges: readonly SeenRange[], sequence: number): number {
  return ranges.findLastIndex((range) => range.from <= sequence) + 1;
}
