import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { migrate } from '../../../gateway/adapters/sqlite/migrate.ts';
import type { PauseCause } from '../../../gateway/core/pause.ts';
import { dayMs } from '../../../gateway/core/slot.ts';
import { cents, epochMs } from '../../../gateway/core/units.ts';
import { reverseReceipt } from '../../../gateway/steps/reverse-receipt.ts';
import { withdraw } from '../../../gateway/steps/withdraw.ts';
import { corner, kiosk, nine, phoneOf } from '../../support/neighbourhood.ts';
import { type BooksOnDisk, booksOnDisk } from './books-on-disk.ts';

const keeping = suite('what the books keep of money on its way out');

const migrations = new URL('../../../gateway/adapters/sqlite/migrations/', import.meta.url);

keeping(
  'brings payouts of older books forward as they were, with the trades that they closed',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'jirani-older-'));
    const copy = (numbers: RegExp) => {
      for (const name of readdirSync(migrations).filter((file) => numbers.test(file)))
        copyFileSync(new URL(name, migrations), join(folder, name));
    };
    const db = new Database(':memory:');
    db.pragma('foreign_keys = ON');
    copy(/^00[123]-/);
    migrate(db, pathToFileURL(`${folder}/`));
    db.exec(`INSERT INTO household VALUES ('h', 'H', '254700000001', 'ABCDE', 'both', 'en', 0),
      ('b', 'B', '254700000002', 'ABCDF', 'both', 'en', 0);
    INSERT INTO payout VALUES ('p', 'h', 1, '254700000001', 6000, '${'J'.repeat(18)}', 'done', 5, 6, 0, 'AG', 'SG', '');
    INSERT INTO trade VALUES ('t', 'round', 1, 'h', 'b', 1, 1, 1, 'wallet', 'closed', 1, 2, NULL, 's', 'p', NULL)`);
    copy(/^004-/);
    migrate(db, pathToFileURL(`${folder}/`));
    const rows = db.prepare('SELECT kind, amount_cents, charge_cents, code FROM payout').all();
    assert.equal(rows, [{ kind: 'batch', amount_cents: 6_000, charge_cents: null, code: null }]);
    assert.equal(db.pragma('foreign_key_check'), []);
    assert.throws(() => db.exec("UPDATE payout SET amount_cents = 6050 WHERE id = 'p'"), /CHECK/);
    assert.throws(() => db.exec("UPDATE payout SET kind = 'gift'"), /CHECK/);
    db.close();
    rmSync(folder, { recursive: true });
  },
);

keeping('refuses to change or delete what was paused, and what happened to a payout', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 9_000 } });
  const { hub } = books;
  hub.books.pauses.pause(paused('keeper'));
  withdraw(hub, { household: kiosk, amountCents: 1_000, phone: undefined });
  for (const table of ['payout_pause', 'outgoing_event']) {
    assert.throws(() => books.tamper(`UPDATE ${table} SET at_ms = 1`), /never changed/);
    assert.throws(() => books.tamper(`DELETE FROM ${table}`), /never deleted/);
  }
});
const paused = (cause: PauseCause, household?: typeof kiosk) => ({
  ...{ cause, household, why: 'a test' },
  ...{ since: nine, until: undefined },
});

keeping('refuses a pause of everybody for one phone’s sake, and the other way round', () => {
  using books = booksOnDisk();
  const { pauses } = books.hub.books;
  assert.throws(() => pauses.pause(paused('receiver')), /CHECK/);
  assert.throws(() => pauses.pause(paused('credential', kiosk)), /CHECK/);
  assert.equal([pauses.pause(paused('float')), pauses.pause(paused('float'))], [true, false]);
  assert.is(pauses.resume('keeper', undefined, 'nothing to resume', nine), false);
  assert.is(pauses.credentialFault(nine), undefined);
  pauses.pause(paused('credential'));
  assert.is(pauses.credentialFault(nine)?.cause, 'credential');
});

keeping('a pause with an end is over at that moment, and its cause may hold anew', () => {
  using books = booksOnDisk();
  const { pauses } = books.hub.books;
  const until = epochMs(nine + dayMs);
  pauses.pause({ ...paused('receiver-limit', kiosk), until });
  assert.is(pauses.holding(epochMs(until - 1), kiosk).length, 1);
  assert.equal(pauses.holding(until, kiosk), []);
  assert.is(pauses.pause({ ...paused('receiver-limit', kiosk), since: until }), true);
});

/** KES 30 from nobody known. */
function stray({ hub }: BooksOnDisk, receipt: string): void {
  const listed = { receipt, at: nine, amountCents: cents(3_000), reference: '', phone: undefined };
  hub.books.evidence.take(listed, { kind: 'suspense', why: 'unknown' }, 'list', nine);
}

keeping('refuses a second reversal of one receipt, unless the first certainly failed', () => {
  using books = booksOnDisk();
  stray(books, 'UJ22T8IYOU');
  const first = reverseReceipt(books.hub, 'UJ22T8IYOU');
  assert.ok(first.ok);
  const second = `INSERT INTO reversal (id, receipt, amount_cents, state, created_ms)
    VALUES ('r2', 'UJ22T8IYOU', 3000, 'failed', 0)`;
  assert.throws(() => books.tamper(second.replace('failed', 'intent')), /UNIQUE/);
  assert.not.throws(() => books.tamper(second));
  books.hub.books.reversals.fail(first.value, 'refused', nine);
  assert.is(books.hub.books.reversals.ofReceipt('UJ22T8IYOU')?.state, 'failed');
});

keeping('the audit sees money on its way out, and every posting of a payout and a reversal', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 9_000, [corner]: 9_000 } });
  const { hub } = books;
  stray(books, 'UJ22T8IYOU');
  const given = reverseReceipt(hub, 'UJ22T8IYOU');
  const out = withdraw(hub, { household: kiosk, amountCents: 2_000, phone: undefined });
  assert.ok(given.ok && out.ok);
  const { audit } = hub.books;
  assert.equal([audit.imbalances(), hub.books.views.accountBalance('out-in-flight')], [[], 5_000]);
  const found = () => audit.imbalances().map(({ what }) => what);
  const [payout, reversal] = [`postings of payout ${out.value.id}`, 'money on its way out'];
  books.tamper(`UPDATE payout SET state = 'done' WHERE id = '${out.value.id}'`);
  assert.equal(found(), [reversal, payout], 'done, and nothing says so');
  books.tamper(`UPDATE payout SET state = 'intent', kind = 'batch' WHERE id = '${out.value.id}'`);
  assert.equal(found(), [payout], 'it came out of the wallet');
  books.tamper(`UPDATE payout SET kind = 'withdrawal' WHERE id = '${out.value.id}'`);
  books.tamper(`UPDATE reversal SET state = 'reversed' WHERE id = '${given.value.id}'`);
  assert.equal(found(), [reversal, `postings of reversal ${given.value.id}`]);
});

keeping('the audit sees a payout that was ended twice', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 9_000 } });
  const { hub } = books;
  const out = withdraw(hub, { household: kiosk, amountCents: 2_000, phone: undefined });
  assert.ok(out.ok);
  assert.is(hub.books.payouts.finish(out.value, 'SG1', cents(0), nine), 'finished');
  assert.is(hub.books.payouts.finish(out.value, 'SG2', cents(0), nine), 'over');
  assert.is(hub.books.payouts.fail(out.value, 'no', nine), false);
  assert.equal(hub.books.audit.imbalances(), []);
  books.tamper(`INSERT INTO posting (key, unit, from_account, to_account, amount, at_ms) VALUES
    ('payout:${out.value.id}:failed', 'cents', 'mpesa-utility', 'wallet:${kiosk}', 2000, 0)`);
  assert.equal(hub.books.audit.imbalances(), [
    { what: `postings of payout ${out.value.id}`, expected: 2, found: 1 },
  ]);
});

keeping('S64: a new tariff holds from its day on, as a whole', () => {
  using books = booksOnDisk();
  const { payouts } = books.hub.books;
  const fees = (amount: number, at: number) => payouts.feeFor(cents(amount), epochMs(at));
  assert.equal([fees(10_000, nine), fees(20_000, nine), fees(600_000, nine)], [0, 500, 1_100]);
  const step = (least: number, most: number, fee: number) => ({
    ...{ leastCents: cents(least), mostCents: cents(most), feeCents: cents(fee) },
  });
  const next = epochMs(nine + dayMs);
  payouts.changeFees([step(100, 50_000, 300), step(50_001, 25_000_000, 700)], next);
  assert.equal([fees(20_000, next - 1), fees(20_000, next), fees(600_000, next)], [500, 300, 700]);
  assert.throws(() => payouts.changeFees([step(100, 50_000, 300)], next), /every amount once/);
});

keeping('what must lie at M-Pesa: all that waits, and what was last found to be too much', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 9_000, [corner]: 9_000 } });
  const { payouts } = books.hub.books;
  assert.is(payouts.neededCents(), 0);
  const out = withdraw(books.hub, { household: kiosk, amountCents: 2_000, phone: undefined });
  assert.ok(out.ok);
  assert.is(payouts.neededCents(), 2_000);
  const paths = { resultHash: 'r', timeoutHash: 't', expires: epochMs(nine + dayMs) };
  payouts.markSent(out.value, paths, nine);
  assert.equal([payouts.neededCents(), payouts.sentSince(nine)], [0, 2_000]);
  const heard = { code: '1', words: 'Too little.', isAmbiguous: false, askAt: nine, at: nine };
  payouts.heard(out.value, heard, undefined);
  assert.is(payouts.neededCents(), 2_000);
  assert.is(payouts.isProvedSince(nine), true, 'code 1 takes the hub’s name for good');
  assert.is(phoneOf(kiosk), payouts.find(out.value.id)?.phone);
});

keeping.run();
