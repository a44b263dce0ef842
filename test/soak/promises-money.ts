/** Promises 2 and 4, and the money half of 5 and 8: what came in, what went out, and that the books say so. */
import { auditBooks } from '../../gateway/adapters/sqlite/audit.ts';
import type { Payment } from '../../gateway/simulators/daraja/till.ts';
import { type Count, countOf, type Evidence } from './evidence.ts';

/** What the simulated keeper put into the account at first, cents. */
const floatCents = 1_000_000;

export const judgeMoney = (evidence: Evidence): Count[] => [
  ...judgePaymentsIn(evidence),
  ...judgePaymentsOut(evidence),
  ...judgeBooks(evidence),
];

type Credit = { readonly receipt: string; readonly phone: string; readonly cents: number };

/** By prompt, and by hand; what M-Pesa's list has shown of a prompt is no second credit. */
const creditsSql = `
  SELECT t.receipt, t.phone, t.amount_cents AS cents FROM topup t WHERE t.state = 'credited'
  UNION ALL
  SELECT p.receipt, coalesce(h.phone, ''), p.amount_cents FROM payment p
    LEFT JOIN household h ON h.id = p.household WHERE p.place <> 'topup'`;

function judgePaymentsIn({ witness, books }: Evidence): Count[] {
  const promise = 2;
  const credits = Map.groupBy(books.rows<Credit>(creditsSql), ({ receipt }) => receipt);
  const paid = new Map(witness.payments.map((payment) => [payment.receipt, payment]));
  const of = ({ receipt }: Payment) => credits.get(receipt) ?? [];
  const unit = 'payments';
  const words = ({ receipt, reference, amountCents }: Payment) =>
    `${receipt} for ${reference}, ${amountCents} cents`;
  return [
    countOf(
      { promise, name: 'paid and not credited', unit },
      witness.payments,
      (payment) => of(payment).length === 0,
      words,
    ),
    countOf(
      { promise, name: 'credited twice', unit },
      witness.payments,
      (payment) => of(payment).length > 1,
      words,
    ),
    countOf(
      { promise, name: 'credited to somebody else, or another amount', unit },
      witness.payments,
      (payment) =>
        of(payment).some(
          ({ phone, cents }) => phone !== payment.phone || cents !== payment.amountCents,
        ),
      words,
    ),
    countOf(
      { promise, name: 'credited and never paid', unit: 'credits' },
      [...credits.keys()],
      (receipt) => !paid.has(receipt),
    ),
  ];
}

type Gone = {
  readonly id: string;
  readonly conversation: string;
  readonly phone: string;
  readonly cents: number;
  readonly state: string;
};

function judgePaymentsOut({ witness, books }: Evidence): Count[] {
  const payouts = books.rows<Gone>(
    `SELECT id, conversation_id AS conversation, phone, amount_cents AS cents, state FROM payout`,
  );
  const done = new Map(
    payouts.filter(({ state }) => state === 'done').map((one) => [one.conversation, one]),
  );
  const arrived = new Map(witness.payouts.map((one) => [one.originatorConversationId, one]));
  const unit = 'payouts';
  const words = ({ id, state, cents }: Gone) => `${id}, ${state}, ${cents} cents`;
  return [
    countOf(
      { promise: 2, name: 'sent to a phone and not in the books', unit },
      witness.payouts,
      (one) => {
        const ours = done.get(one.originatorConversationId);
        return ours?.phone !== one.phone || ours.cents !== one.amountCents;
      },
      ({ originatorConversationId }) => originatorConversationId,
    ),
    countOf(
      { promise: 5, name: 'paid out by the books, and no phone has it', unit },
      [...done.values()],
      ({ conversation }) => !arrived.has(conversation),
      words,
    ),
    countOf(
      { promise: 5, name: 'payouts that never ended', unit },
      payouts,
      ({ state }) => state !== 'done' && state !== 'failed',
      words,
    ),
    countOf(
      { promise: 5, name: 'sellers unpaid', unit: 'households' },
      books.rows<{ id: string; balance: number }>(
        "SELECT id, balance FROM account WHERE id GLOB 'earnings:*'",
      ),
      ({ balance }) => balance >= leastCents,
    ),
    countOf(
      { promise: 8, name: 'payouts below ten shillings, or not whole', unit },
      payouts,
      ({ cents }) => cents < leastCents || cents % 100 !== 0,
      words,
    ),
  ];
}

/** The demo pays out from ten shillings on. */
const leastCents = 1_000;

function judgeBooks({ books, witness }: Evidence): Count[] {
  const audit = auditBooks(books.db);
  const promise = 4;
  const [ours] = books.rows<{ cents: number }>(
    "SELECT -balance AS cents FROM account WHERE id = 'mpesa-utility'",
  );
  const theirs = witness.totals.utilityCents - floatCents;
  const open = books.rows<{ id: string; state: string }>(
    `SELECT id, state FROM topup WHERE state IN ('intent', 'unknown', 'pending', 'conflict', 'review')
     UNION ALL SELECT id, state FROM reversal WHERE state IN ('intent', 'unknown', 'pending', 'review')`,
  );
  const topups = books.rows<{ id: string }>('SELECT id FROM topup');
  return [
    countOf(
      { promise, name: 'trial balances that are not 0', unit: 'units' },
      ['cents', 'Wh'] as const,
      (unit) => audit.trialBalance(unit) !== 0,
    ),
    {
      promise,
      name: 'accounts and states that do not fit the postings',
      unit: 'places',
      ...listed(
        audit.imbalances().map(({ what }) => what),
        books.rows('SELECT id FROM account').length,
      ),
    },
    countOf(
      { promise, name: 'shillings that M-Pesa and the books see differently', unit: 'accounts' },
      [theirs],
      () => theirs !== ours?.cents,
      () => `M-Pesa ${theirs}, books ${ours?.cents}`,
    ),
    {
      promise: 2,
      name: 'top-ups that never ended',
      unit: 'top-ups',
      ...listed(
        open.map(({ id, state }) => `${id} is ${state}`),
        topups.length,
      ),
    },
  ];
}

const listed = (examples: readonly string[], of: number) => ({
  ...{ broken: examples.length, of, examples: examples.slice(0, 3) },
});
