import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wattHours } from '../../../gateway/core/units.ts';
import { aPaidTrade, aSettledTrade, aTrade, intentOf } from '../../support/given.ts';
import { corner, kiosk, phoneOf, tailor } from '../../support/neighbourhood.ts';
import { booksOnDisk } from './books-on-disk.ts';

const refusing = suite('what the database refuses, whoever asks');

const posting = (key: string, unit: string, from: string, to: string, amount: number): string =>
  `INSERT INTO posting (key, unit, from_account, to_account, amount, at_ms)
   VALUES ('${key}', '${unit}', '${from}', '${to}', ${amount}, 0)`;

refusing('a posting and a trade’s history are never changed and never deleted', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 } });
  aTrade(books.hub);
  assert.throws(() => books.tamper('UPDATE posting SET amount = 1'), /never changed/);
  assert.throws(() => books.tamper('DELETE FROM posting'), /never deleted/);
  assert.throws(() => books.tamper("UPDATE trade_event SET detail = ''"), /never changed/);
  assert.throws(() => books.tamper('DELETE FROM trade_event'), /never deleted/);
});

refusing('a posting or a line of history that is replaced instead of changed', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 3_000 }, energy: { [corner]: 5_000 } });
  aTrade(books.hub);
  const before = books.look('SELECT * FROM posting');
  const [last] = books.look<{ id: number; key: string }>('SELECT id, key FROM posting LIMIT 1');
  const replace = (columns: string, values: string) =>
    `INSERT OR REPLACE INTO posting (${columns} unit, from_account, to_account, amount, at_ms)
     VALUES (${values} 'cents', 'mpesa-utility', 'wallet:${kiosk}', 1, 0)`;
  assert.throws(() => books.tamper(replace('key,', `'${last?.key}',`)), /never replaced/);
  assert.throws(() => books.tamper(replace('id, key,', `${last?.id}, 'new',`)), /never replaced/);
  assert.equal(books.look('SELECT * FROM posting'), before);
  for (const table of ['trade_event'])
    assert.throws(
      () => books.tamper(`INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`),
      /never replaced/,
    );
  assert.equal(books.hub.books.audit.imbalances(), []);
});

refusing('a balance that no posting moved', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 3_000 } });
  const wallet = `wallet:${kiosk}`;
  for (const sql of [
    `UPDATE account SET balance = balance + 7 WHERE id = '${wallet}'`,
    `UPDATE account SET balance = 0 WHERE id = '${wallet}'`,
    "INSERT INTO account VALUES ('wallet:rich', 'cents', 0, 7)",
    "UPDATE account SET source = 1 WHERE id = 'suspense'",
    "DELETE FROM account WHERE id = 'suspense'",
  ])
    assert.throws(() => books.tamper(sql), /balance|empty|keeps|deleted/, sql);
  books.tamper(`INSERT OR REPLACE INTO account VALUES ('${wallet}', 'cents', 0, 0)`);
  assert.is(books.hub.books.trades.walletOf(kiosk), 3_000, 'opened once, and left as it is');
});

refusing('a posting between accounts of another unit, or of no unit', () => {
  using books = booksOnDisk();
  const wallet = `wallet:${kiosk}`;
  assert.throws(
    () => books.tamper(posting('a', 'Wh', 'mpesa-utility', wallet, 1)),
    /another unit/,
    'money as energy',
  );
  assert.throws(() => books.tamper(posting('b', 'cents', 'exported', wallet, 1)), /another unit/);
  assert.throws(() => books.tamper(posting('c', 'eKWh', 'mpesa-utility', wallet, 1)));
  assert.throws(() => books.tamper(posting('d', 'cents', 'mpesa-utility', 'wallet:nobody', 1)));
});

refusing('a wallet, earnings or energy below nothing, and only those', () => {
  using books = booksOnDisk({ wallets: { [kiosk]: 3_000 }, energy: { [corner]: 1_000 } });
  const takes = (from: string, unit: string, amount: number) => () =>
    books.tamper(
      posting(`${from}:${amount}`, unit, from, unit === 'Wh' ? 'expired' : 'hub-fee', amount),
    );
  assert.throws(takes(`wallet:${kiosk}`, 'cents', 3_001), /CHECK/);
  assert.throws(takes(`earnings:${corner}`, 'cents', 1), /CHECK/);
  assert.throws(takes(`energy:${corner}`, 'Wh', 1_001), /CHECK/);
  assert.not.throws(takes(`wallet:${kiosk}`, 'cents', 3_000));
  assert.not.throws(takes(`energy:${corner}`, 'Wh', 1_000));
  assert.not.throws(takes('mpesa-utility', 'cents', 100), 'what comes from outside has no bottom');
  assert.equal(books.hub.books.audit.imbalances(), []);
});

refusing('the same posting twice, a posting of nothing, and one that goes nowhere', () => {
  using books = booksOnDisk();
  const wallet = `wallet:${kiosk}`;
  books.tamper(posting('topup:1', 'cents', 'mpesa-utility', wallet, 100));
  assert.throws(() =>
    books.tamper(posting('topup:1', 'cents', 'mpesa-utility', `wallet:${corner}`, 5)),
  );
  assert.throws(() => books.tamper(posting('x', 'cents', 'mpesa-utility', wallet, 0)));
  assert.throws(() => books.tamper(posting('y', 'cents', 'mpesa-utility', wallet, -5)));
  assert.throws(() => books.tamper(posting('z', 'cents', wallet, wallet, 5)));
  assert.is(books.hub.books.trades.walletOf(kiosk), 100);
});

const topup = (id: string, phone: string, state: string, cents = 5_000): string =>
  `INSERT INTO topup (id, household, phone, amount_cents, account_reference, state, created_ms)
   VALUES ('${id}', '${kiosk}', '${phone}', ${cents}, '${id}', '${state}', 0)`;

refusing('a second prompt on a phone that may be ringing', () => {
  using books = booksOnDisk();
  const [first, other] = [phoneOf(kiosk), phoneOf(tailor)];
  books.tamper(topup('one', first, 'unknown'));
  for (const state of ['intent', 'unknown', 'pending'])
    assert.throws(() => books.tamper(topup(`two-${state}`, first, state)), /UNIQUE/);
  books.tamper(topup('other', other, 'intent'));
  books.tamper("UPDATE topup SET state = 'review' WHERE id = 'one'");
  assert.not.throws(() => books.tamper(topup('three', first, 'intent')));
});

refusing('money that M-Pesa cannot carry: no whole shillings, nothing, or too much', () => {
  using books = booksOnDisk();
  for (const cents of [1, 99, 150, 3_001, 0, -100, 25_000_100])
    assert.throws(() => books.tamper(topup('t', phoneOf(kiosk), 'intent', cents)), /CHECK/);
  assert.not.throws(() => books.tamper(topup('t', phoneOf(kiosk), 'intent', 25_000_000)));
  for (const cents of [900, 999, 1_050, 25_000_100])
    assert.throws(() => books.tamper(payout('p', 1, 'intent', cents)), /CHECK/);
  assert.not.throws(() => books.tamper(payout('p', 1, 'intent', 1_000)));
});

const payout = (id: string, sequence: number, state: string, cents = 5_000): string =>
  `INSERT INTO payout (id, household, sequence, phone, amount_cents, conversation_id, state, created_ms)
   VALUES ('${id}', '${corner}', ${sequence}, '${phoneOf(corner)}', ${cents},
           '${id.padEnd(18, '0')}', '${state}', 0)`;

refusing(
  'a second payout to a seller while one is open, even one that a person must look at',
  () => {
    using books = booksOnDisk();
    books.tamper(payout('first', 1, 'review'));
    for (const state of ['intent', 'unknown', 'pending', 'review'])
      assert.throws(() => books.tamper(payout('second', 2, state)), /UNIQUE/);
    books.tamper("UPDATE payout SET state = 'done'");
    assert.throws(() => books.tamper(payout('again', 1, 'intent')), /UNIQUE/, 'the same number');
    assert.not.throws(() => books.tamper(payout('second', 2, 'intent')));
  },
);

refusing('a trade with oneself, and one for nothing', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 } });
  assert.throws(() => aTrade(books.hub, { buyer: corner }), /CHECK/);
  assert.throws(() => aTrade(books.hub, { energyWh: 1, rate: 1 }), /CHECK/, 'costs no cent');
  assert.equal(books.hub.books.energy.balanceOf(corner).energyWh, 5_000);
});

refusing('to move a trade’s tokens twice', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 }, wallets: { [kiosk]: 5_000 } });
  const { hub } = books;
  const { trade } = aPaidTrade(hub);
  const second = intentOf(hub, trade);
  const insert = (reference: string) =>
    `INSERT INTO token_intent VALUES ('second', 'transfer', '${trade.id}', '${reference}', '${corner}',
       '${kiosk}', 1, 1, 'memo', 'open', NULL)`;
  assert.throws(() => books.tamper(insert(second.reference)), /UNIQUE/);
  assert.throws(() => books.tamper(insert('another reference')), /UNIQUE/);
  hub.books.tokens.intend(second, hub.clock.now());
  assert.is(hub.books.tokens.find(second.id), undefined, 'asked politely, it stays as it is');
  const [one] = books.look<{ n: number }>('SELECT count(*) AS n FROM token_intent');
  assert.is(one?.n, 1);
});

refusing('two living signatures for one move of tokens', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 }, wallets: { [kiosk]: 5_000 } });
  const { hub } = books;
  const { intent } = aPaidTrade(hub);
  const attempt = (signature: string) =>
    hub.books.tokens.saveAttempt(
      intent,
      { signature, raw: Buffer.from(signature), lastValidHeight: 1, genesisHash: 'g' },
      hub.clock.now(),
    );
  assert.ok(attempt('first'));
  assert.not(attempt('second'), 'asked politely, it is not kept');
  const raw = `INSERT INTO token_attempt (signature, intent, raw, last_valid_height, state)
    VALUES ('second', '${intent.id}', x'00', 1, 'open')`;
  assert.throws(() => books.tamper(raw), /UNIQUE/);
  hub.books.tokens.expireAttempt({
    signature: 'first',
    raw: Buffer.of(),
    lastValidHeight: 1,
    genesisHash: 'g',
  });
  assert.ok(attempt('second'));
});

refusing('a phone that is not Kenyan, taken, or a household that is still in the books', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 } });
  const phone = (value: string) => `UPDATE household SET phone = '${value}' WHERE id = '${kiosk}'`;
  assert.throws(() => books.tamper(phone('255700000001')), /CHECK/);
  assert.throws(() => books.tamper(phone('25470000000')), /CHECK/);
  assert.throws(() => books.tamper(phone(phoneOf(corner))), /UNIQUE/);
  aTrade(books.hub);
  assert.throws(() => books.tamper(`DELETE FROM household WHERE id = '${corner}'`), /FOREIGN KEY/);
});

refusing('a move that a trade’s life does not know, and writes nothing of it', () => {
  using books = booksOnDisk({ energy: { [corner]: 5_000 }, wallets: { [kiosk]: 9_000 } });
  const { hub } = books;
  const settled = aSettledTrade(hub);
  const before = books.look('SELECT * FROM posting');
  assert.throws(() => hub.books.trades.expire(settled, 'too late', hub.clock.now()), /is settled/);
  assert.throws(
    () => hub.books.trades.undo(settled, intentOf(hub, settled), 'no', hub.clock.now()),
    /is settled/,
  );
  assert.throws(() => hub.books.trades.pay(settled, intentOf(hub, settled), hub.clock.now()));
  assert.equal(books.look('SELECT * FROM posting'), before);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, wattHours(3_000));
});

refusing.run();
