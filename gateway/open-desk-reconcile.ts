/** Compares everything with M-Pesa now, and tells every difference and what was done about it. */
import type { Verdict } from './core/evidence.ts';
import { plainReference } from './core/payment-words.ts';
import { type Msisdn, maskPhone } from './core/phone.ts';
import type { Topup } from './core/topup.ts';
import {
  alarmLines,
  linesMost,
  payoutLine,
  reversalLine,
  reviewsOf,
  topupLine,
} from './open-desk-money-views.ts';
import type { BalanceLine, OutLine, PaymentLine, ReconcileView } from './ports/money-desk.ts';
import type { Needs } from './ports/needs.ts';
import { askAboutPayout } from './steps/ask-about-payout.ts';
import { askAboutReversal } from './steps/ask-about-reversal.ts';
import { askBalance } from './steps/ask-balance.ts';
import { comparePayments, type Finding } from './steps/compare-payments.ts';
import { confirmTopup } from './steps/confirm-topup.ts';

/** How long results that come over callback paths are waited for; machine ms. */
const resultsMs = 5_000;
const lookEveryMs = 50;

/** Asks at the hub's own pace, at most `linesMost` of each kind. */
export async function reconcile(hub: Needs): Promise<ReconcileView> {
  const at = new Date(hub.clock.now()).toISOString();
  const compared = await comparePayments(hub);
  const topups = await askAboutTopups(hub);
  const out = outOf(hub);
  for (const { id, kind } of out)
    await (kind === 'reversal' ? askAboutReversal(hub, id) : askAboutPayout(hub, id));
  const lookId = await askBalance(hub);
  const answered = () =>
    lookId === undefined || hub.books.watch.look(lookId)?.answeredAt !== undefined;
  const ended = () => out.every((before) => stateOf(hub, before) !== before.state);
  await until(() => answered() && ended());
  return {
    at,
    list: {
      complete: compared.complete,
      why: compared.complete ? '' : compared.why,
      payments: compared.complete ? compared.payments : 0,
    },
    findings: compared.findings.slice(0, linesMost).map(findingLine),
    topups,
    out: out.map((before) => ({ ...before, detail: `now ${stateOf(hub, before)}` })),
    balances: lookId === undefined ? [] : balanceLines(hub, lookId),
    alarms: alarmLines(hub),
    next: reviewsOf(hub).next,
  };
}

async function until(reached: () => boolean): Promise<void> {
  const began = performance.now();
  while (!reached() && performance.now() - began < resultsMs)
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
}

/** Only those that changed are worth a line. */
async function askAboutTopups(hub: Needs): Promise<ReconcileView['topups']> {
  const lines: ReconcileView['topups'][number][] = [];
  const open = ['unknown', 'pending', 'failed', 'conflict', 'review'] as const;
  for (const before of hub.books.topups.inStates(open, linesMost)) {
    if (before.checkoutRequestId !== undefined) await confirmTopup(hub, before.id);
    const after: Topup = hub.books.topups.find(before.id) ?? before;
    if (after.state === before.state) continue;
    const line = topupLine(after);
    lines.push({ ...line, words: `was ${before.state}; ${line.words}` });
  }
  return lines;
}

const outOf = ({ books }: Needs): OutLine[] => [
  ...books.payouts.inStates(['unknown', 'pending']).slice(0, linesMost).map(payoutLine),
  ...books.reversals.inStates(['unknown', 'pending']).slice(0, linesMost).map(reversalLine),
];
const stateOf = ({ books }: Needs, { id, kind, state }: OutLine): string =>
  (kind === 'reversal' ? books.reversals.find(id as never) : books.payouts.find(id as never))
    ?.state ?? state;

const findingLine = ({ payment, verdict }: Finding): PaymentLine => ({
  receipt: payment.receipt,
  at: new Date(payment.at).toISOString(),
  amountCents: payment.amountCents,
  reference: plainReference(payment.reference),
  phone: payment.phone === undefined ? null : maskPhone(payment.phone as Msisdn),
  household:
    verdict.kind === 'wallet'
      ? verdict.household
      : 'topup' in verdict
        ? verdict.topup.household
        : null,
  words: wordsFor(verdict),
});

function wordsFor(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'known':
      return 'in the books already';
    case 'other-amount':
      return `the books have KES ${(verdict.knownCents / 100).toFixed(2)} for it: a person must look`;
    case 'corrects':
      return `the receipt of top-up ${verdict.topup.id}, where a person had typed another`;
    case 'misplaced':
      return `it pays top-up ${verdict.topup.id}, and a person gave it to ${verdict.was.household}: look`;
    case 'topup':
      return verdict.topup.state === 'credited'
        ? `the receipt of top-up ${verdict.topup.id}, which was credited before`
        : `credited now: it pays top-up ${verdict.topup.id}, which was ${verdict.topup.state}`;
    case 'wallet':
      return 'credited now: it was sent to the paybill by hand';
    case 'suspense':
      return `in suspense: ${verdict.why}`;
  }
}

function balanceLines({ books }: Needs, id: string): BalanceLine[] {
  const [look, float] = [books.watch.look(id), books.watch.float()];
  const { theirs, off, ours } = look ?? {};
  if (theirs === undefined || off === undefined || ours === undefined) return [];
  const accounts = [
    { account: 'utility', key: 'utilityCents' },
    { account: 'charges', key: 'chargesCents' },
  ] as const;
  return accounts.map(({ account, key }) => ({
    account,
    booksCents: ours[key],
    floatCents: float?.[key] ?? 0,
    mpesaCents: theirs[key],
    offCents: off[key],
  }));
}
