/** Payments as M-Pesa's list has them. */
import type { Listed } from '../../gateway/core/evidence.ts';
import { cents } from '../../gateway/core/units.ts';
import { type Compared, comparePayments } from '../../gateway/steps/compare-payments.ts';
import type { GivenHub } from './given.ts';

type Differs = Partial<Omit<Listed, 'amountCents'>> & { readonly amountCents?: number };

/** KES 30, paid this moment for nobody that is known. */
export const aPayment = ({ clock }: GivenHub, differs: Differs = {}): Listed => ({
  ...{ receipt: 'UJ22T8IYOU', at: clock.now(), reference: 'LIGHTS', phone: undefined },
  ...differs,
  amountCents: cents(differs.amountCents ?? 3_000),
});

/** M-Pesa's list has these, in one page, and the hub compares. */
export function compareWith(hub: GivenHub, ...payments: readonly Listed[]): Promise<Compared> {
  hub.money.says.list.push({ kind: 'listed', payments, next: undefined });
  return comparePayments(hub);
}
