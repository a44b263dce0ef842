/** A person has looked at a reversal in review and says what became of it. */
import type { ReversalId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Reversal } from '../core/reversal.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';

type Needs = { books: Pick<Books, 'reversals'>; clock: NeighbourhoodClock; tell: Tell };

export type ReversalDecision = 'it-went-back' | 'it-did-not-go-back';
export type ReversalDecisionProblem =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-in-review' };

/** Ends the reversal; money that did not go back is where it was. */
export function decideReversal(
  { books, clock, tell }: Needs,
  id: ReversalId,
  decision: ReversalDecision,
): Result<Reversal, ReversalDecisionProblem> {
  const reversal = books.reversals.find(id);
  if (reversal === undefined) return fail({ kind: 'unknown' });
  if (reversal.state !== 'review') return fail({ kind: 'not-in-review' });
  const { amountCents } = reversal;
  if (decision === 'it-went-back') {
    books.reversals.finish(reversal, undefined, clock.now());
    tell({ name: 'reversal.done', reversal: id, amountCents });
    return ok({ ...reversal, state: 'reversed' });
  }
  const why = 'a person says that it did not go back';
  books.reversals.fail(reversal, why, clock.now());
  tell({ name: 'reversal.failed', reversal: id, amountCents, why });
  return ok({ ...reversal, state: 'failed' });
}
