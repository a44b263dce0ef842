/** What stands against a decision about money, in a sentence that says what to do instead. */
import type { WithdrawalProblem } from './core/payout.ts';
import type { ReversalProblem } from './core/reversal.ts';
import type { NoTopup } from './core/topup.ts';
import type { Problem } from './ports/desk.ts';
import type { AssignProblem } from './steps/assign-payment.ts';
import type { TermsProblem } from './steps/change-payout-terms.ts';
import type { DecisionProblem } from './steps/decide-payout.ts';
import type { TopupDecisionProblem } from './steps/decide-topup.ts';

export type MoneyProblem =
  | AssignProblem
  | DecisionProblem
  | NoTopup
  | ReversalProblem
  | TermsProblem
  | TopupDecisionProblem
  | WithdrawalProblem
  | { readonly kind: 'just-restored'; readonly lacks: readonly string[] }
  | { readonly kind: 'no-alarm' }
  | { readonly kind: 'no-balance' };

type Words = {
  readonly status: Problem['status'];
  readonly title: string;
  readonly detail: string;
};
type Sentences = {
  readonly [Kind in MoneyProblem['kind']]: (
    problem: Extract<MoneyProblem, { kind: Kind }>,
  ) => Words;
};

const conflict = (title: string, detail: string): Words => ({ status: 409, title, detail });
const wrong = (title: string, detail: string): Words => ({ status: 422, title, detail });
const missing = (title: string, detail: string): Words => ({ status: 404, title, detail });
const kes = (amount: number): string => `KES ${(amount / 100).toFixed(2)}`;

const sentences: Sentences = {
  unknown: () =>
    missing('No such payment', 'No top-up, payout or reversal of this hub has that id.'),
  'unknown-household': () =>
    missing('No such household', 'Name its id or its payment code: scripts/hub households list.'),
  'unknown-payment': () =>
    missing(
      'No such payment',
      'Neither M-Pesa’s list nor a confirmation has this receipt. Compare first: scripts/hub pay reconcile. ' +
        'When M-Pesa’s portal shows it, say how much: --amount KES.',
    ),
  claimed: ({ topup }) =>
    conflict(
      'A push claims it',
      `Top-up ${topup} may have brought this payment. Settle that first: scripts/hub pay confirm ${topup} --receipt RECEIPT, or scripts/hub pay deny ${topup}.`,
    ),
  'unknown-receipt': () =>
    missing(
      'No such payment',
      'Only a payment that M-Pesa’s list or a person has confirmed can go back: scripts/hub pay reconcile.',
    ),
  'no-receipt': () =>
    wrong('Not a receipt', 'A receipt is the code in M-Pesa’s message, such as UJ22T8IYOU.'),
  'no-transaction': () =>
    wrong('Not a transaction', 'Name the transaction as M-Pesa’s portal shows it: --transaction.'),
  'transaction-used': () =>
    conflict('Transaction used', 'This transaction ended another payout already.'),
  'receipt-used': ({ place }) =>
    conflict(
      'Receipt used',
      `This receipt is in the books already (${place}). Look: scripts/hub pay find RECEIPT.`,
    ),
  credited: () => conflict('Credited already', 'The money of this top-up is in the wallet.'),
  placed: ({ household }) =>
    conflict(
      'Placed already',
      household === undefined
        ? 'Its money is on its way back to the phone that paid it.'
        : `Its money is in the wallet of ${household}.`,
    ),
  'not-in-review': () =>
    conflict('Not in review', 'M-Pesa may still answer: only what waits for a person is decided.'),
  'ordered-before': ({ reversal }) =>
    conflict('Ordered before', `Reversal ${reversal} gives this payment back already.`),
  'not-enough': (problem) => {
    const there = 'freeCents' in problem ? problem.freeCents : problem.thereCents;
    return conflict('Not enough money', `${kes(there)} are free there.`);
  },
  'not-whole-shillings': () => wrong('Not whole shillings', 'M-Pesa carries whole shillings only.'),
  'another-number': () =>
    wrong(
      'Another number',
      'Money leaves only to the number that the household is registered with.',
    ),
  'too-little': ({ leastCents }) =>
    wrong('Too little', `M-Pesa pays out from ${kes(leastCents)} on.`),
  'too-much': ({ mostCents }) => wrong('Too much', `At most ${kes(mostCents)} may leave at once.`),
  'payout-on-its-way': () =>
    conflict('A payout is on its way', 'One at a time: the next may leave when it has ended.'),
  parked: ({ why }) =>
    conflict('Its payouts wait', `${why}. Then: scripts/hub pay resume HOUSEHOLD.`),
  amount: () =>
    wrong('Not an amount for M-Pesa', 'M-Pesa takes whole shillings, from 1 to 250,000.'),
  'prompt-open': () =>
    conflict('The phone is being asked', 'A prompt is open on this phone; it ends within minutes.'),
  'same-amount': ({ waitMs }) =>
    conflict(
      'The same amount twice',
      `M-Pesa refuses the same amount from the same phone within two minutes: wait ${Math.ceil(waitMs / 1000)} s, or ask for another amount.`,
    ),
  'nothing-to-change': () => wrong('Nothing to change', 'Name a time, a least, or a tariff.'),
  'not-a-time': () => wrong('Not a time of day', 'Payouts begin at a time such as 18:00.'),
  'not-a-least': () => wrong('Not a least', 'M-Pesa pays out KES 10 to 250,000.'),
  'not-a-tariff': () =>
    wrong(
      'Not a tariff',
      'Bands go up from KES 10, each above the one before it, and the last one reaches KES 250,000.',
    ),
  'just-restored': ({ lacks }) =>
    conflict(
      'Restored, and not yet compared',
      `The books came back from a backup, and ${lacks.join('; ')}. First: scripts/hub pay reconcile.`,
    ),
  'no-alarm': () =>
    missing(
      'No such difference',
      'Name it as scripts/hub pay reviews does; others end by a decision.',
    ),
  'no-balance': () =>
    conflict(
      'No balance yet',
      'M-Pesa has not answered with a balance: scripts/hub pay reconcile.',
    ),
};

/** For the API and the command line. */
export function problemOf<Kind extends MoneyProblem['kind']>(
  problem: Extract<MoneyProblem, { kind: Kind }>,
): Problem {
  return sentences[problem.kind as Kind](problem);
}
