import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../../gateway/adapters/ids/ids.ts';
import type { InboxId, TopupId } from '../../../gateway/core/ids.ts';
import { minuteMs } from '../../../gateway/core/slot.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { type GivenHub, given } from '../../support/given.ts';
import { kiosk, nine } from '../../support/neighbourhood.ts';
import { aTopup } from '../../support/topups.ts';

const remembering = suite('what must be done, and what was said to us');

remembering('deeds come when they are due, the longest waiting first', () => {
  using hub = given();
  const { deeds } = hub.books;
  deeds.hasten('pay-out', 'late', epochMs(nine + 2));
  deeds.hasten('pay-out', 'early', epochMs(nine + 1));
  deeds.hasten('ring-phone', 'next-year', epochMs(nine + 1e9));
  assert.equal(deeds.due(nine, 10), []);
  const subjects = (limit: number) =>
    deeds.due(epochMs(nine + 2), limit).map(({ subject }) => subject);
  assert.equal(subjects(10), ['early', 'late']);
  assert.equal(subjects(1), ['early']);
  deeds.later('pay-out:early', epochMs(nine + minuteMs), nine + 1);
  assert.equal(subjects(10), ['late']);
  assert.is(deeds.due(epochMs(nine + minuteMs), 10)[1]?.tries, 1);
  deeds.later('pay-out:late', epochMs(nine + minuteMs), nine + 1);
  assert.equal(subjects(10), ['late'], 'what was moved meanwhile keeps its time');
});

remembering('one deed per kind and subject, brought forward rather than doubled', () => {
  using hub = given();
  const { deeds } = hub.books;
  deeds.hasten('pay-out', 'p', epochMs(nine + minuteMs));
  deeds.hasten('pay-out', 'p', nine);
  deeds.hasten('ask-about-payout', 'p', nine);
  assert.is(deeds.waiting(), 2);
  assert.is(deeds.due(nine, 10).length, 2);
  deeds.done('pay-out:p');
  assert.is(deeds.waiting(), 1);
});

remembering('after a start everything is due at once', () => {
  using hub = given();
  const { deeds } = hub.books;
  for (const subject of ['a', 'b', 'c']) deeds.hasten('pay-out', subject, epochMs(nine + 1e9));
  deeds.wakeAll();
  assert.is(deeds.due(nine, 10).length, 3);
});

const path = hashOf('the path');
const body = (text: string) => Buffer.from(text);
const keep = ({ books, clock, ids }: GivenHub, text: string, pathHash = path) =>
  books.inbox.keep(pathHash, body(text), hashOf(text), ids.fresh() as InboxId, clock.now());
const listening = (): GivenHub & { readonly topup: TopupId } => {
  const hub = given();
  const topup = aTopup(hub, { household: kiosk });
  hub.books.topups.markSent(topup, path, epochMs(nine + minuteMs), nine);
  hub.books.deeds.done(`ring-phone:${topup.id}`);
  return Object.assign(hub, { topup: topup.id });
};

remembering('a callback is kept word for word, with the deed that reads it', () => {
  using hub = listening();
  assert.is(keep(hub, '{"a":1}'), 'kept');
  const [deed] = hub.books.deeds.due(nine, 10);
  assert.is(deed?.kind, 'read-push');
  const message = hub.books.inbox.find(deed?.subject as InboxId);
  assert.is(Buffer.from(message?.body ?? []).toString(), '{"a":1}');
  assert.is(message?.kind, 'push');
  assert.is(message?.subject, hub.topup);
  hub.books.inbox.markRead(deed?.subject as InboxId, 'understood');
  assert.is(hub.books.deeds.waiting(), 0);
});

remembering('the same bytes on the same path are kept once, and answered as before', () => {
  using hub = listening();
  assert.equal([keep(hub, 'one'), keep(hub, 'one'), keep(hub, 'two')], ['kept', 'kept', 'kept']);
  assert.is(hub.books.deeds.waiting(), 2);
});

remembering('a path that nobody gave out, or whose time is over, is not known', () => {
  using hub = listening();
  assert.is(keep(hub, 'one', hashOf('a guess')), 'unknown');
  hub.clock.advance(minuteMs);
  assert.is(keep(hub, 'one'), 'unknown');
  assert.is(hub.books.deeds.waiting(), 0);
});

remembering('twenty different messages on one path are enough', () => {
  using hub = listening();
  for (let n = 0; n < 20; n++) assert.is(keep(hub, `message ${n}`), 'kept');
  assert.is(keep(hub, 'message 20'), 'too-many');
  assert.is(hub.books.deeds.waiting(), 20);
  using other = listening();
  assert.throws(
    () => keep(other, 'x'.repeat(16_385)),
    /CHECK/,
    'larger than any message of M-Pesa',
  );
});

remembering.run();
