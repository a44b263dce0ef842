/** What the counter shows of money: everything about one household or payment, and what waits for a person. */
import type { Payment, PaymentHint } from './core/evidence.ts';
import { type Household, readPaymentCode } from './core/household.ts';
import type { HouseholdId } from './core/ids.ts';
import {
  nextForTopup,
  plainReference,
  wordsForPayment,
  wordsForTopup,
} from './core/payment-words.ts';
import type { Payout } from './core/payout.ts';
import { type Msisdn, maskPhone, readPhone } from './core/phone.ts';
import { fail, ok, type Result } from './core/result.ts';
import type { Reversal } from './core/reversal.ts';
import { dayMs, hourMs } from './core/slot.ts';
import type { Topup } from './core/topup.ts';
import type { Problem } from './ports/desk.ts';
import type { FindView, OutLine, PaymentLine, ReviewsView, TopupLine } from './ports/money-desk.ts';
import type { Needs } from './ports/needs.ts';

/** Lines of each kind in one answer. */
export const linesMost = 50;
const command = 'scripts/hub';

const iso = (ms: number): string => new Date(ms).toISOString();

export const topupLine = (topup: Topup): TopupLine => ({
  id: topup.id,
  household: topup.household,
  at: iso(topup.createdAt),
  amountCents: topup.amountCents,
  state: topup.state,
  words: wordsForTopup(topup),
  reference: topup.accountReference,
  receipt: topup.receipt ?? null,
});

const shownPhone = (phone: string | undefined): string | null =>
  phone === undefined ? null : maskPhone(phone as Msisdn);

export const paymentLine = (payment: Payment): PaymentLine => ({
  receipt: payment.receipt,
  at: iso(payment.at),
  amountCents: payment.amountCents,
  reference: plainReference(payment.reference),
  phone: shownPhone(payment.phone),
  household: payment.household ?? null,
  words: wordsForPayment(payment),
});

const hintLine = (hint: PaymentHint): PaymentLine => ({
  receipt: hint.receipt,
  at: iso(hint.at),
  amountCents: hint.amountCents ?? 0,
  reference: plainReference(hint.reference),
  phone: shownPhone(hint.phone),
  household: null,
  words: 'somebody told of it; M-Pesa’s list does not have it yet, so it is not credited',
});

export const payoutLine = (payout: Payout): OutLine => ({
  id: payout.id,
  kind: payout.kind,
  household: payout.household,
  at: iso(payout.createdAt),
  amountCents: payout.amountCents,
  state: payout.state,
  detail: payout.detail,
});
export const reversalLine = (reversal: Reversal): OutLine => ({
  id: reversal.id,
  kind: 'reversal',
  household: reversal.household ?? null,
  at: iso(reversal.createdAt),
  amountCents: reversal.amountCents,
  state: reversal.state,
  detail: reversal.detail,
});

/** What a keeper may have in hand: an id, M-Pesa's receipt or request id, an account number, a phone. */
function whoseIs(hub: Needs, what: string): HouseholdId | undefined {
  const { households, topups, evidence, payouts } = hub.books;
  const upper = what.toUpperCase();
  const phone = readPhone(what);
  const topup =
    topups.find(what as never) ??
    topups.byCheckoutRequest(what) ??
    topups.byReference(upper) ??
    topups.byReceipt(upper);
  return (
    households.find(what as HouseholdId)?.id ??
    (phone.ok ? households.byPhone(phone.value)?.id : undefined) ??
    topup?.household ??
    evidence.find(upper)?.household ??
    payouts.find(what as never)?.household ??
    households.byCode(readPaymentCode(what) ?? '')?.id
  );
}

/** The answer to "I paid and got nothing". */
export function findMoney(hub: Needs, text: string): Result<FindView, Problem> {
  const { books } = hub;
  const what = text.trim();
  const receipt = what.toUpperCase();
  const id = whoseIs(hub, what);
  const household = id && books.households.find(id);
  const phone = readPhone(what);
  const payment = books.evidence.find(receipt);
  const hint = books.evidence.hint(receipt);
  const stray = phone.ok ? books.evidence.ofPhone(phone.value, linesMost) : [];
  if (household === undefined && payment === undefined && hint === undefined && stray.length === 0)
    return fail(nothingFound);
  const topups = id === undefined ? [] : books.topups.ofHousehold(id, linesMost);
  const own = id === undefined ? [] : books.evidence.ofHousehold(id, linesMost);
  const payments = unique([...(payment === undefined ? [] : [payment]), ...stray, ...own]);
  const hints = payment === undefined && hint !== undefined ? [hint] : [];
  const payouts = id === undefined ? [] : books.payouts.ofHousehold(id, linesMost);
  return ok({
    household: household === undefined ? null : householdLine(hub, household),
    topups: topups.map(topupLine),
    payments: [...payments.map(paymentLine), ...hints.map(hintLine)],
    payouts: payouts.map(payoutLine),
    next: nextFor(household, topups, payments, hints),
  });
}

const unique = (payments: readonly Payment[]): Payment[] => [
  ...new Map(payments.map((payment) => [payment.receipt, payment])).values(),
];

const householdLine = ({ books }: Needs, one: Household): FindView['household'] => ({
  id: one.id,
  name: one.name,
  phone: maskPhone(one.phone),
  code: one.code,
  walletCents: books.trades.walletOf(one.id),
  earningsCents: books.trades.earningsOf(one.id),
});

const nothingFound: Problem = {
  status: 404,
  title: 'Nothing known',
  detail:
    'No household, top-up or payment of this hub fits. Compare with M-Pesa first: scripts/hub pay reconcile. ' +
    'Then ask for the receipt in M-Pesa’s message: scripts/hub pay find RECEIPT.',
};

function nextFor(
  household: Household | undefined,
  topups: readonly Topup[],
  payments: readonly Payment[],
  hints: readonly PaymentHint[],
): string[] {
  const open = topups.flatMap((topup) => nextForTopup(topup).map((line) => `${command} ${line}`));
  const strays = payments
    .filter(({ place }) => place === 'suspense')
    .map(({ receipt }) => `${command} pay assign ${receipt} ${household?.id ?? 'HOUSEHOLD'}`);
  const waiting =
    hints.length > 0 ? [`${command} pay reconcile   M-Pesa’s list may have it now`] : [];
  const lines = [...new Set([...open, ...strays, ...waiting])];
  if (lines.length > 0 || household === undefined) return lines;
  return [
    `${command} wallets show ${household.id}   what came in and went out, line by line`,
    `${command} pay reconcile   when the household has a receipt that is not above`,
  ];
}

/** A confirmation that M-Pesa's list does not have after this long deserves a look. */
const hintRestMs = hourMs;

/** Everything that waits for a person. */
export function reviewsOf(hub: Needs): ReviewsView {
  const { books, clock } = hub;
  const now = clock.now();
  const looked = books.topups.inStates(['review', 'conflict'], linesMost);
  const stuck = books.topups
    .inStates(['unknown', 'pending'], linesMost)
    .filter(({ createdAt }) => now - createdAt > dayMs);
  const topups = [...looked, ...stuck];
  const suspense = books.evidence.inSuspense(linesMost);
  const hints = books.evidence.openHints(linesMost).filter(({ at }) => now - at > hintRestMs);
  const payouts = books.payouts.inStates(['review']).slice(0, linesMost);
  const reversals = books.reversals.inStates(['review']).slice(0, linesMost);
  return {
    alarms: alarmLines(hub),
    topups: topups.map(topupLine),
    suspense: suspense.map(paymentLine),
    hints: hints.map(hintLine),
    out: [...payouts.map(payoutLine), ...reversals.map(reversalLine)],
    pauses: books.pauses
      .holding(now)
      .map(({ why, household }) => `${household ?? 'everybody'}: ${why}`),
    next: [
      ...nextFor(undefined, topups, suspense, []),
      ...payouts.flatMap(({ id }) => [
        `${command} pay went ${id} --transaction TRANSACTION   when M-Pesa’s portal shows it`,
        `${command} pay failed ${id}   when it does not`,
      ]),
      ...reversals.flatMap(({ id }) => [
        `${command} pay went ${id}`,
        `${command} pay failed ${id}`,
      ]),
    ],
  };
}

export const alarmLines = ({ books }: Needs): ReviewsView['alarms'] =>
  books.watch.alarms(linesMost).map(({ at, ...alarm }) => ({ ...alarm, at: iso(at) }));
