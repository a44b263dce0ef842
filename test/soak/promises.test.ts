import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { hourMs } from '../../gateway/core/slot.ts';
import { type Count, type Evidence, lookIntoBooks } from './evidence.ts';
import { judgeMoney } from './promises-money.ts';
import { judgePhones } from './promises-phones.ts';
import { judgeTrades } from './promises-trades.ts';

const judging = suite('counting broken promises');

const phone = '254711000100';
const noonMs = Date.UTC(2026, 8, 7, 9);
const payment = { phone, amountCents: 1_000, checkoutRequestId: undefined, reference: 'A' };
const prompt = { merchantRequestId: 'm', phone, amountCents: 1_000, state: 'paid', code: 0 };
const payout = { phone, amountCents: 5_000, state: 'paid', code: 0, conversationId: 'c' };

const topupRow = (id: string, state: string, receipt: string | null, sentMs: number) =>
  `INSERT INTO topup (id, household, phone, amount_cents, account_reference, state, created_ms, sent_ms, receipt)
   VALUES ('${id}', 'h1', '${phone}', 1000, '${id}', '${state}', ${sentMs}, ${sentMs}, ${receipt === null ? 'NULL' : `'${receipt}'`})`;
const payoutRow = (id: string, state: string, sequence: number) =>
  `INSERT INTO payout (id, household, sequence, phone, amount_cents, conversation_id, state, created_ms)
   VALUES ('${id}', 'h1', ${sequence}, '${phone}', 5000, '${id.padEnd(18, '0')}', '${state}', ${noonMs})`;
const tradeRow = (id: string, state: string) =>
  `INSERT INTO trade (id, origin, slot, seller, buyer, energy_wh, rate, amount_cents, funding, state, created_ms, expires_ms)
   VALUES ('${id}', 'round', 1, 'h1', 'h2', 1000, 1500, 1500, 'wallet', '${state}', ${noonMs}, ${noonMs})`;

/** Books in which everything is wrong once, and a witness who saw something else. */
function judgeTheWorst(): Map<string, Count> {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-promises-'));
  try {
    openBooks(join(folder, 'books.db'))[Symbol.dispose]();
    const db = new Database(join(folder, 'books.db'));
    db.pragma('foreign_keys = OFF');
    for (const row of [
      topupRow('CREDITED', 'credited', 'NEVERPAID', noonMs),
      topupRow('NIGHT', 'failed', null, noonMs + 10 * hourMs),
      topupRow('STUCK', 'unknown', null, noonMs),
      ...[payoutRow('DONE', 'done', 1), payoutRow('OPEN', 'review', 2)],
      ...[tradeRow('bare', 'closed'), tradeRow('open', 'matched')],
      "INSERT INTO account (id, unit, source) VALUES ('earnings:h1', 'cents', 0)",
      `INSERT INTO posting (key, unit, from_account, to_account, amount, at_ms)
       VALUES ('x', 'cents', 'mpesa-utility', 'earnings:h1', 7000, ${noonMs})`,
    ])
      db.exec(row);
    db.close();
    using books = lookIntoBooks(folder);
    const prompts = [
      {
        ...prompt,
        accountReference: 'NIGHT',
        checkoutRequestId: '1',
        askedAtMs: noonMs + 10 * hourMs,
      },
      ...[1, 2, 3, 4, 5].map((number) => ({
        ...{ ...prompt, accountReference: 'STRANGER', amountCents: 1_050 },
        ...{ checkoutRequestId: `s${number}`, askedAtMs: noonMs + number },
      })),
    ];
    const evidence = {
      witness: {
        payments: [{ ...payment, receipt: 'LOST', paidAtMs: noonMs, state: 'kept' }],
        payouts: [
          {
            ...payout,
            originatorConversationId: 'STRANGE',
            transactionId: 't',
            askedAtMs: 0,
            endedAtMs: 0,
          },
        ],
        totals: { utilityCents: 1_000_000 },
        prompts,
      },
      ...{ lives: [], readingsFile: '', books, stage: { time: { speed: 1 } } },
    } as unknown as Evidence;
    const counts = [
      ...judgeMoney(evidence),
      ...judgeTrades(evidence, new Set(['forgotten'])),
      ...judgePhones(evidence),
    ];
    return new Map(counts.map((count) => [count.name, count]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

judging('whatever is wrong is counted where it belongs', () => {
  const counts = judgeTheWorst();
  const broken = (name: string) => counts.get(name)?.broken;
  assert.is(broken('paid and not credited'), 1);
  assert.is(broken('credited and never paid'), 1);
  assert.is(broken('top-ups that never ended'), 1);
  assert.is(broken('sent to a phone and not in the books'), 1);
  assert.is(broken('paid out by the books, and no phone has it'), 1);
  assert.is(broken('payouts that never ended'), 1);
  assert.is(broken('sellers unpaid'), 1);
  assert.is(broken('shillings that M-Pesa and the books see differently'), 1);
  assert.ok((broken('accounts and states that do not fit the postings') ?? 0) > 0);
  assert.is(broken('paid and settled without tokens'), 1);
  assert.is(broken('trades that never ended'), 1);
  assert.is(broken('orders accepted and forgotten'), 1);
  assert.is(broken('sold without a proposal'), 2);
  assert.is(broken('phones rung in quiet hours'), 1);
  assert.is(broken('days with more prompts than allowed'), 1);
  assert.is(broken('asked for cents that M-Pesa does not know'), 5);
  assert.is(broken('prompts that nobody has noted'), 5);
});

judging.run();
