import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aPaidTrade, aSettledTrade, aTrade } from '../../support/given.ts';
import { corner, kiosk } from '../../support/neighbourhood.ts';
import { booksOnDisk } from './books-on-disk.ts';

const auditing = suite('auditing the books');
/** The database itself refuses a balance that no posting moved. */
const unguard = 'DROP TRIGGER account_moves_with_a_posting;';
const rich = { energy: { [corner]: 9_000 }, wallets: { [kiosk]: 9_000 } };

auditing('finds nothing in books that the hub wrote', () => {
  using books = booksOnDisk(rich);
  const { hub } = books;
  aTrade(hub);
  aPaidTrade(hub);
  aSettledTrade(hub);
  const { audit } = hub.books;
  assert.equal(audit.imbalances(), []);
  assert.is(audit.trialBalance('cents'), 0);
  assert.is(audit.trialBalance('Wh'), 0);
});

auditing('finds an account whose balance somebody has rounded up', () => {
  using books = booksOnDisk(rich);
  books.tamper(`${unguard} UPDATE account SET balance = balance + 7 WHERE id = 'wallet:${kiosk}'`);
  const { audit } = books.hub.books;
  assert.equal(audit.imbalances(), [
    { what: `account wallet:${kiosk}`, expected: 9_000, found: 9_007 },
  ]);
  assert.is(audit.trialBalance('cents'), 7);
  assert.is(audit.trialBalance('Wh'), 0);
});

auditing('finds money that was taken from one account and put into another', () => {
  using books = booksOnDisk(rich);
  books.tamper(`${unguard} UPDATE account SET balance = balance - 5 WHERE id = 'wallet:${kiosk}';
    UPDATE account SET balance = balance + 5 WHERE id = 'earnings:${corner}';`);
  const { audit } = books.hub.books;
  assert.is(audit.trialBalance('cents'), 0, 'the sum alone does not show it');
  assert.equal(
    audit.imbalances().map(({ what }) => what),
    [`account earnings:${corner}`, `account wallet:${kiosk}`],
  );
});

auditing('finds trades, payouts and settled tokens that the accounts do not know of', () => {
  using books = booksOnDisk(rich);
  const { trade } = aPaidTrade(books.hub);
  const settled = aSettledTrade(books.hub);
  books.tamper(`UPDATE trade SET state = 'expired' WHERE id = '${trade.id}';
    UPDATE trade SET signature = NULL WHERE id = '${settled.id}';
    INSERT INTO payout (id, household, sequence, phone, amount_cents, conversation_id, state, created_ms)
      VALUES ('p', '${corner}', 1, '254700000001', 1000, '${'J'.repeat(18)}', 'pending', 0);`);
  assert.equal(books.hub.books.audit.imbalances(), [
    { what: 'money on its way out', expected: 1_000, found: 0 },
    { what: 'postings of payout p', expected: 1, found: 0 },
    { what: 'money held by trades', expected: 0, found: 3_000 },
    { what: 'energy reserved by trades', expected: 0, found: 2_000 },
    { what: 'settled trades without a signature', expected: 0, found: 1 },
  ]);
});

auditing.run();
