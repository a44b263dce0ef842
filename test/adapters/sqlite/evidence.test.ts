import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kiosk } from '../../support/neighbourhood.ts';
import { aPayment, compareWith } from '../../support/payments.ts';
import { booksOnDisk } from './books-on-disk.ts';

const auditing = suite('auditing payments and suspense');

/** Somebody posts KES 5 past the hub. */
const posted = (key: string, to: string) =>
  `INSERT INTO posting (key, unit, from_account, to_account, amount, at_ms)
   VALUES ('${key}', 'cents', 'mpesa-utility', '${to}', 500, 1);`;

auditing('finds money in suspense, and credits, that no payment explains', () => {
  using books = booksOnDisk();
  books.tamper(posted('suspense:R1', 'suspense') + posted('paybill:R2', `wallet:${kiosk}`));
  assert.equal(books.hub.books.audit.imbalances(), [
    { what: 'money in suspense', expected: 0, found: 500 },
    { what: 'credits without evidence', expected: 0, found: 1 },
  ]);
});

auditing('finds a payment whose money is nowhere, and a top-up that only says so', async () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 3_000 } });
  await compareWith(books.hub, aPayment(books.hub));
  books.tamper(`UPDATE payment SET place = 'wallet', household = '${kiosk}';
    INSERT INTO topup (id, household, phone, amount_cents, account_reference, state, created_ms)
      VALUES ('t', '${kiosk}', '254700000002', 700, 'X', 'credited', 1);`);
  assert.equal(books.hub.books.audit.imbalances(), [
    { what: 'money in suspense', expected: 0, found: 3_000 },
    { what: 'credit of top-up t', expected: 700, found: 0 },
    { what: 'payment UJ22T8IYOU', expected: 3_000, found: 0 },
  ]);
});

const refusing = suite('what the database refuses of evidence');

refusing('a second place for a receipt, and a second receipt for a push', async () => {
  using books = booksOnDisk();
  await compareWith(books.hub, aPayment(books.hub));
  const row = (receipt: string, topup: string) =>
    `INSERT INTO payment (receipt, amount_cents, reference, at_ms, source, seen_ms, place, topup, household)
     VALUES ('${receipt}', 100, '', 1, 'list', 1, 'topup', '${topup}', '${kiosk}')`;
  books.tamper(`INSERT INTO topup (id, household, phone, amount_cents, account_reference, state, created_ms)
    VALUES ('t', '${kiosk}', '254700000002', 100, 'X', 'pending', 1)`);
  assert.throws(() => books.tamper(row('UJ22T8IYOU', 't')), /UNIQUE/);
  books.tamper(row('R2', 't'));
  assert.throws(() => books.tamper(row('R3', 't')), /UNIQUE/);
  assert.throws(() => books.tamper(row('R4', 'nothing')), /FOREIGN KEY/);
});

refusing('a change of what a person decided, and a decision without a reason', () => {
  using books = booksOnDisk();
  const act = { act: 'pay deny', subject: 't', household: undefined, at: books.hub.clock.now() };
  books.hub.books.evidence.noteAct({ ...act, reason: 'no message' });
  assert.throws(() => books.hub.books.evidence.noteAct({ ...act, reason: '' }), /CHECK/);
  assert.throws(() => books.tamper("UPDATE act SET reason = 'other'"), /never changed/);
  assert.throws(() => books.tamper('DELETE FROM act'), /never deleted/);
});

auditing.run();
refusing.run();
