/** A household joins the neighbourhood: with a phone of its own, a payment code, and the rule that it starts with. */
import { firstRule } from '../core/first-rule.ts';
import { type Household, paymentCode } from '../core/household.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { EpochMs } from '../core/units.ts';
import type { Books } from '../ports/books/books.ts';

type Needs = { books: Pick<Books, 'households'> };

export type EnrolProblem = 'id-taken' | 'phone-taken';

export function enrolHousehold(
  { books: { households } }: Needs,
  order: Omit<Household, 'code' | 'since'>,
  since: EpochMs,
): Result<Household, EnrolProblem> {
  if (households.find(order.id) !== undefined) return fail('id-taken');
  if (households.byPhone(order.phone) !== undefined) return fail('phone-taken');
  const household = { ...order, code: paymentCode(households.all().length + 1), since };
  households.add(household, firstRule(order.role));
  return ok(household);
}
