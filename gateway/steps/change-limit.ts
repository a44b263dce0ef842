/** The keeper moves a limit of the hub: written down with who and why, and dated for when it begins. */
import { beginOf, checkLimit, type LimitName, type LimitProblem } from '../core/keeper-limits.ts';
import { ok, type Result } from '../core/result.ts';
import type { EpochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'evidence' | 'settings'>; clock: NeighbourhoodClock };

/** Answers from when on it counts. */
export function changeLimit(
  { books, clock }: Needs,
  name: LimitName,
  value: number,
): Result<EpochMs, LimitProblem> {
  const at = clock.now();
  const from = beginOf(name, at);
  const checked = checkLimit(name, value, books.settings.at(from));
  if (!checked.ok) return checked;
  const reason = `to ${value}`;
  books.evidence.noteAct({ act: 'limit', subject: name, household: undefined, reason, at });
  books.settings.change(name, value, from);
  return ok(from);
}
