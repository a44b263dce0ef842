/** The counter's money side: what became of a payment, what does not agree with M-Pesa, and what a person decides. */
import type { Household } from './core/household.ts';
import type { HouseholdId } from './core/ids.ts';
import { fail, ok, type Result } from './core/result.ts';
import { cents } from './core/units.ts';
import { problemOf } from './open-desk-money-problems.ts';
import { findMoney, linesMost, reviewsOf } from './open-desk-money-views.ts';
import { reconcile } from './open-desk-reconcile.ts';
import type { Problem } from './ports/desk.ts';
import type { Done, MoneyDesk, StatementView } from './ports/money-desk.ts';
import type { Needs } from './ports/needs.ts';
import { assignPayment } from './steps/assign-payment.ts';
import { changePayoutTerms } from './steps/change-payout-terms.ts';
import { decidePayout } from './steps/decide-payout.ts';
import { decideReversal } from './steps/decide-reversal.ts';
import { decideTopup } from './steps/decide-topup.ts';
import { endRestore } from './steps/end-restore.ts';
import { pausePayouts } from './steps/pause-payouts.ts';
import { resumePayouts } from './steps/resume-payouts.ts';
import { reverseReceipt } from './steps/reverse-receipt.ts';
import { topUpByHand } from './steps/top-up-by-hand.ts';
import { withdraw } from './steps/withdraw.ts';

type Decided = Result<Done, Problem>;

/** Each decision is written down with its reason before it is done. */
export const openMoneyDesk = (hub: Needs): MoneyDesk => ({
  reconcile: () => reconcile(hub),
  find: (what) => findMoney(hub, what),
  reviews: () => reviewsOf(hub),
  ...decisionsIn(hub),
  ...decisionsOut(hub),
  statement: (id, limit) => statementOf(hub, id, limit),
  withdraw: (id, amountCents) => {
    const begun = withdraw(hub, { household: id as HouseholdId, amountCents, phone: undefined });
    if (!begun.ok) return fail(problemOf(begun.error));
    return did(
      `KES ${shillings(amountCents)} leave the wallet of ${id} for its phone, as payout ${begun.value.id}.`,
    );
  },
  topUp: (id, amountCents) => {
    const asked = topUpByHand(hub, { household: id as HouseholdId, amountCents });
    if (!asked.ok) return fail(problemOf(asked.error));
    return did(
      `The phone of ${id} is asked for KES ${shillings(amountCents)}, as top-up ${asked.value.id}.`,
    );
  },
});

const did = (text: string): Decided => ok({ did: text });
const shillings = (amount: number): string => (amount / 100).toFixed(2);

type In = Pick<
  MoneyDesk,
  'confirmTopup' | 'denyTopup' | 'assign' | 'reverse' | 'checked' | 'acceptBalance'
>;

/** Differences that end when a person has looked; the others end with what is decided about them. */
const lookedInto = ['amount', 'conflict', 'gap', 'given-up', 'misplaced', 'missing', 'push'];

/** About money that came in. */
const decisionsIn = (hub: Needs): In => ({
  confirmTopup: (id, { receipt, reason }) => {
    const decided = decideTopup(hub, id as never, { kind: 'paid', receipt, reason });
    if (!decided.ok) return fail(problemOf(decided.error));
    const { household, amountCents } = decided.value;
    return did(`KES ${shillings(amountCents)} are in the wallet of ${household}.`);
  },
  denyTopup: (id, { reason }) => {
    const decided = decideTopup(hub, id as never, { kind: 'not-paid', reason });
    if (!decided.ok) return fail(problemOf(decided.error));
    return did(`Top-up ${id} is closed as not paid. If M-Pesa lists it later, it is credited.`);
  },
  assign: (receipt, { household: id, amountCents, reason }) => {
    const household = findHousehold(hub, id);
    if (household === undefined) return fail(problemOf({ kind: 'unknown-household' }));
    const order = { receipt, household: household.id, amountCents, reason };
    const assigned = assignPayment(hub, order);
    if (!assigned.ok) return fail(problemOf(assigned.error));
    return did(`KES ${shillings(assigned.value)} are in the wallet of ${household.id}.`);
  },
  reverse: (typed, { reason }) => {
    const receipt = typed.trim().toUpperCase();
    const household = hub.books.evidence.find(receipt)?.household;
    const act = { act: 'pay reverse', subject: receipt, household, reason };
    hub.books.evidence.noteAct({ ...act, at: hub.clock.now() });
    const ordered = reverseReceipt(hub, receipt);
    if (!ordered.ok) return fail(problemOf(ordered.error));
    const { id, amountCents } = ordered.value;
    const from = household === undefined ? 'suspense' : `the wallet of ${household}`;
    hub.books.watch.end('suspense', receipt, hub.clock.now());
    return did(
      `KES ${shillings(amountCents)} leave ${from} and go back to the phone that paid them, as reversal ${id}.`,
    );
  },
  checked: (subject, { reason }) => {
    const at = hub.clock.now();
    const open = hub.books.watch
      .alarms(linesMost)
      .filter((alarm) => alarm.subject === subject && lookedInto.includes(alarm.kind));
    if (open.length === 0) return fail(problemOf({ kind: 'no-alarm' }));
    note(hub, 'pay checked', subject, reason);
    for (const { kind } of open) hub.books.watch.end(kind, subject, at);
    return did('It is noted that a person has looked into it.');
  },
  acceptBalance: ({ reason }) => acceptBalance(hub, reason),
});

/** The keeper has put money in, or taken some out: from now on that is the float. */
function acceptBalance({ books, clock }: Needs, reason: string): Decided {
  const [look, float] = [books.watch.lastAnswered(''), books.watch.float()];
  if (look?.off === undefined || float === undefined)
    return fail(problemOf({ kind: 'no-balance' }));
  const utilityCents = float.utilityCents + look.off.utilityCents;
  const chargesCents = float.chargesCents + look.off.chargesCents;
  const at = clock.now();
  const act = { act: 'pay accept-balance', subject: look.id, household: undefined };
  books.evidence.noteAct({ ...act, reason, at });
  books.watch.noteFloat({ utilityCents, chargesCents }, reason, at);
  for (const account of ['utility', 'charges']) books.watch.end('balance', account, at);
  return did(
    `From now on KES ${shillings(utilityCents)} of the utility account are the keeper's float.`,
  );
}

type Out = Pick<MoneyDesk, 'pause' | 'resume' | 'went' | 'failed' | 'changeTerms'>;

/** About money that goes out. */
const decisionsOut = (hub: Needs): Out => ({
  pause: ({ reason }) => {
    note(hub, 'pay pause', 'payouts', reason);
    return did(
      pausePayouts(hub, reason) ? 'All payouts wait.' : 'A person had stopped them before.',
    );
  },
  resume: ({ household, reason }) => resume(hub, household, reason),
  went: (id, { transaction, amountCents, reason }) => {
    note(hub, 'pay went', id, reason);
    if (hub.books.reversals.find(id as never) !== undefined) {
      const decided = decideReversal(hub, id as never, 'it-went-back');
      return decided.ok ? did(`Reversal ${id} is done.`) : fail(problemOf(decided.error));
    }
    const transactionId = transaction?.trim().toUpperCase() ?? '';
    const went = { kind: 'it-went', transactionId, paidCents: amountCents } as const;
    const decided = decidePayout(hub, id as never, went);
    return decided.ok ? did(`Payout ${id} is done.`) : fail(problemOf(decided.error));
  },
  failed: (id, { reason }) => {
    note(hub, 'pay failed', id, reason);
    const decided =
      hub.books.reversals.find(id as never) === undefined
        ? decidePayout(hub, id as never, { kind: 'it-did-not-go' })
        : decideReversal(hub, id as never, 'it-did-not-go-back');
    if (!decided.ok) return fail(problemOf(decided.error));
    return did('It did not go; the money is back where it came from.');
  },
  changeTerms: ({ fromMinute, leastCents, tariff, reason }) => {
    const changed = changePayoutTerms(hub, {
      ...{ fromMinute, reason },
      leastCents: leastCents === undefined ? undefined : cents(leastCents),
      tariff: tariff?.map(({ upToCents, feeCents }) => ({
        ...{ upToCents: cents(upToCents), feeCents: cents(feeCents) },
      })),
    });
    if (!changed.ok) return fail(problemOf(changed.error));
    return did('Sellers are paid by these terms from now on.');
  },
});

function resume(hub: Needs, id: string | undefined, reason: string): Decided {
  const household = id === undefined ? undefined : findHousehold(hub, id);
  if (id !== undefined && household === undefined)
    return fail(problemOf({ kind: 'unknown-household' }));
  note(hub, 'pay resume', household?.id ?? 'payouts', reason);
  const lacks = household === undefined ? endRestore(hub) : [];
  if (lacks.length > 0) return fail(problemOf({ kind: 'just-restored', lacks }));
  const holding = hub.books.pauses
    .holding(hub.clock.now(), household?.id)
    .filter((pause) => pause.household === household?.id);
  for (const { cause } of holding) resumePayouts(hub, cause, household?.id, reason);
  const ended = holding.map(({ cause }) => cause).join(', ');
  return did(ended === '' ? 'Nothing was paused.' : `Payouts go on; ended: ${ended}.`);
}

const note = ({ books, clock }: Needs, act: string, subject: string, reason: string): void =>
  books.evidence.noteAct({ act, subject, household: undefined, reason, at: clock.now() });

/** By id or by payment code. */
const findHousehold = ({ books }: Needs, text: string): Household | undefined =>
  books.households.find(text as HouseholdId) ?? books.households.byCode(text.toUpperCase());

function statementOf({ books }: Needs, id: string, limit: number): Result<StatementView, Problem> {
  const household = books.households.find(id as HouseholdId);
  if (household === undefined) return fail(problemOf({ kind: 'unknown-household' }));
  return ok({
    household: household.id,
    walletCents: cents(books.trades.walletOf(household.id)),
    earningsCents: cents(books.trades.earningsOf(household.id)),
    lines: books.statements.of(household.id, limit).map((line) => ({
      at: new Date(line.at).toISOString(),
      account: line.account,
      what: line.what,
      amountCents: line.amount,
      balanceCents: line.balance,
    })),
  });
}
