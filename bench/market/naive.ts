/** Clearing as it is written first: lot by lot, each time looking through everybody for whose turn it is. */
import type { Side } from '../../gateway/core/matching.ts';

/** The same amounts as the uniform rule, in time that grows with the square of the households. */
export function clearNaively(
  registry: readonly string[],
  turn: number,
  sellers: readonly Side<string>[],
  buyers: readonly Side<string>[],
): { readonly sold: readonly number[]; readonly bought: readonly number[] } {
  const [offered, asked] = [sellers, buyers].map((side) =>
    registry.map((name) => side.find((one) => one.name === name)?.lots ?? 0),
  ) as [number[], number[]];
  const sum = (lots: readonly number[]) => lots.reduce((all, one) => all + one, 0);
  const matched = Math.min(sum(offered), sum(asked));
  return { sold: oneByOne(offered, matched, turn), bought: oneByOne(asked, matched, turn) };
}

/** One lot after another to whose turn it is. */
function oneByOne(wants: readonly number[], total: number, turn: number): number[] {
  const has = wants.map(() => 0);
  for (let given = 0; given < total; given++) {
    const at = whoseTurn(wants, has, turn % wants.length);
    has[at] = (has[at] ?? 0) + 1;
  }
  return has;
}

/** Of those who want more, who has least so far; among equals the first in the rotation. */
function whoseTurn(wants: readonly number[], has: readonly number[], first: number): number {
  let best = -1;
  for (let step = 0; step < wants.length; step++) {
    const at = (first + step) % wants.length;
    const mine = has[at] ?? 0;
    if (mine >= (wants[at] ?? 0)) continue;
    if (best < 0 || mine < (has[best] ?? 0)) best = at;
  }
  return best;
}
