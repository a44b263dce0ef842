/** People around a hub: households that move their own money, and a keeper who looks at M-Pesa’s portal and tells the truth. */
import type { Needs } from '../../gateway/ports/needs.ts';
import { decidePayout } from '../../gateway/steps/decide-payout.ts';
import { decideReversal } from '../../gateway/steps/decide-reversal.ts';
import { pausePayouts } from '../../gateway/steps/pause-payouts.ts';
import { resumePayouts } from '../../gateway/steps/resume-payouts.ts';
import { reverseReceipt } from '../../gateway/steps/reverse-receipt.ts';
import { topUpByHand } from '../../gateway/steps/top-up-by-hand.ts';
import { withdraw } from '../../gateway/steps/withdraw.ts';
import { type LivingMpesa, listOf } from './living-mpesa.ts';
import { corner, kiosk, tailor } from './neighbourhood.ts';

type Situation = { readonly mpesa: LivingMpesa; readonly hub: Needs };
type Act = (situation: Situation, number: number) => void;

const shilling = 100;
const everybody = [kiosk, tailor, corner] as const;

export const wishNames = [
  ...(['top up', 'withdraw', 'give a payment back'] as const),
  ...(['pause payouts', 'resume payouts', 'look at reviews'] as const),
] as const;
export type Wish = (typeof wishNames)[number];

/** What a person may want; `number` chooses whom and what it concerns. */
export const wishes: Readonly<Record<Wish, Act>> = {
  'top up': ({ hub }, number) =>
    void topUpByHand(hub, {
      household: everybody[number % everybody.length] ?? kiosk,
      amountCents: (20 + number) * shilling,
    }),
  withdraw: ({ hub }, number) =>
    void withdraw(hub, {
      household: everybody[number % everybody.length] ?? kiosk,
      amountCents: (10 + number) * shilling,
      phone: undefined,
    }),
  'give a payment back': ({ hub, mpesa }, number) => {
    const payments = listOf(mpesa);
    const payment = payments[number % payments.length];
    if (payment !== undefined) reverseReceipt(hub, payment.receipt);
  },
  'pause payouts': ({ hub }) => void pausePayouts(hub, 'the keeper wants to look'),
  'resume payouts': ({ hub }) => {
    for (const { cause, household } of hub.books.pauses.holding(hub.clock.now()))
      resumePayouts(hub, cause, household, 'the keeper has looked');
  },
  'look at reviews': lookAtReviews,
};

/** M-Pesa’s portal knows what became of everything that it ever took in. */
function lookAtReviews({ hub, mpesa }: Situation): void {
  const { payouts, reversals } = hub.books;
  for (const { id, conversationId } of payouts.inStates(['review'])) {
    const went = mpesa.paidOut.has(conversationId);
    const decision = went
      ? ({ kind: 'it-went', transactionId: conversationId } as const)
      : ({ kind: 'it-did-not-go' } as const);
    decidePayout(hub, id, decision);
  }
  for (const { id, receipt } of reversals.inStates(['review']))
    decideReversal(hub, id, mpesa.reversed.has(receipt) ? 'it-went-back' : 'it-did-not-go-back');
}
