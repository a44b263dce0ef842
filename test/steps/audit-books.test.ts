import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slotAt } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { auditBooks, auditEveryHour } from '../../gateway/steps/audit-books.ts';
import { booksOnDisk } from '../adapters/sqlite/books-on-disk.ts';
import { aPaidTrade } from '../support/given.ts';
import { corner, kiosk } from '../support/neighbourhood.ts';

const auditing = suite('the hub looks at its own books');
const rich = { energy: { [corner]: 9_000 }, wallets: { [kiosk]: 9_000 } };

auditing('good books raise nothing', () => {
  using books = booksOnDisk(rich);
  aPaidTrade(books.hub);
  auditBooks(books.hub);
  assert.equal(books.hub.books.watch.alarms(9), []);
});

auditing('money that no trade holds any more calls a person, until it agrees again', () => {
  using books = booksOnDisk(rich);
  const { hub } = books;
  const { trade } = aPaidTrade(hub);
  books.tamper(`UPDATE trade SET state = 'expired' WHERE id = '${trade.id}'`);
  auditBooks(hub);
  auditBooks(hub);
  assert.equal(
    hub.books.watch.alarms(9).map(({ words }) => words),
    [
      'The books do not agree: energy reserved by trades is 2000 and should be 0.',
      'The books do not agree: money held by trades is 3000 and should be 0.',
    ],
  );
  assert.is(hub.warnings.length, 2, 'told once');
  books.tamper(`UPDATE trade SET state = 'paid' WHERE id = '${trade.id}'`);
  auditBooks(hub);
  assert.equal(hub.books.watch.alarms(9), []);
});

auditing('looks at each full hour', () => {
  using books = booksOnDisk(rich);
  const { hub } = books;
  books.tamper('DROP TRIGGER account_moves_with_a_posting');
  books.tamper("UPDATE account SET balance = 7 WHERE id = 'hub-fee'");
  const noon = slotAt(epochMs(Date.parse('2026-06-15T12:00:00Z')));
  const closing = (slot: number) => ({ name: 'slot.closed', slot, inTime: true }) as never;
  auditEveryHour(hub, closing(noon));
  assert.equal(hub.books.watch.alarms(9), []);
  auditEveryHour(hub, closing(noon - 1));
  assert.match(hub.books.watch.alarms(9)[0]?.words ?? '', /sum of all cents is 7/);
});

auditing.run();
