import Database from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../../gateway/adapters/ids/ids.ts';
import { type InboxLimits, inboxBooks } from '../../../gateway/adapters/sqlite/deeds.ts';
import { livingPaths } from '../../../gateway/adapters/sqlite/living-paths.ts';
import { migrate } from '../../../gateway/adapters/sqlite/migrate.ts';
import { epochMs } from '../../../gateway/core/units.ts';

const folder = new URL('../../../gateway/adapters/sqlite/migrations/', import.meta.url);
const now = epochMs(1_000_000);

/** Books with nothing but what the test gives out. */
function anInbox(limits?: InboxLimits, db = new Database(':memory:')) {
  if (db.pragma('user_version', { simple: true }) === 0) migrate(db, folder);
  const inbox = inboxBooks(db, limits);
  const give = (name: string, kind = 'push', end = now + 1) =>
    db.prepare('INSERT INTO callback_path VALUES (?, ?, ?, ?)').run(hashOf(name), kind, 's', end);
  let number = db.prepare('SELECT id FROM inbox').all().length;
  const keep = (name: string, text: string, at: number = now) => {
    number += 1;
    const id = `message-${number}` as never;
    return inbox.keep(hashOf(name), Buffer.from(text), hashOf(text), id, epochMs(at));
  };
  const useOf = (name: string, at: number = now) => inbox.useOfPath(hashOf(name), epochMs(at));
  return { db, inbox, give, keep, useOf };
}

const paths = suite('knowing a callback path without a look into the books');

paths('a path lives from the moment in which it is written until it is over', () => {
  const { give, useOf } = anInbox();
  assert.is(useOf('a'), 'none');
  give('a');
  give('by hand', 'confirmation');
  assert.equal([useOf('a'), useOf('by hand'), useOf('b')], ['once', 'standing', 'none']);
  assert.is(useOf('a', now + 1), 'none');
  assert.is(useOf('a'), 'once', 'and again, when the clock is put back');
});

paths('a start knows what was given out before', () => {
  const { db, give } = anInbox();
  give('a');
  const again = new Database(db.serialize());
  assert.is(anInbox(undefined, again).useOf('a'), 'once');
});

paths('a path that was written in vain stays harmless', () => {
  const { db, give, useOf, keep } = anInbox();
  const vain = db.transaction(() => {
    give('a');
    assert.is(useOf('a'), 'once', 'M-Pesa may be faster than our commit');
    throw new Error('the disk is full');
  });
  assert.throws(vain, /full/);
  assert.is(keep('a', '{}'), 'unknown');
});

paths('memory is bounded, and what is not in it is looked up', () => {
  const { db, give } = anInbox();
  give('old', 'push', now + 5);
  const living = livingPathsOn(new Database(db.serialize()), 2);
  for (const name of ['b', 'c', 'd']) living.give(name, now + 10);
  for (const name of ['old', 'b', 'c', 'd']) assert.is(living.useOf(name), 'once', name);
  assert.is(living.useOf('old', now + 5), 'none');
  assert.is(living.useOf('guess'), 'none');
});

function livingPathsOn(db: Database.Database, inMindMost: number) {
  const living = livingPaths(db, inMindMost);
  const insert = db.prepare("INSERT INTO callback_path VALUES (?, 'push', 's', ?)");
  return {
    give: (name: string, end: number) => insert.run(hashOf(name), end),
    useOf: (name: string, at: number = now) => living.useOf(hashOf(name), at),
    forget: living.forget,
  };
}

paths('what is over is forgotten in memory and in the books alike', () => {
  const { inbox, give, useOf, keep } = anInbox();
  give('silent');
  give('spoke');
  assert.is(keep('spoke', '{}'), 'kept');
  inbox.forgetPaths(epochMs(now + 2));
  for (const name of ['silent', 'spoke'])
    assert.is(useOf(name) === 'none', keep(name, '{"n":1}') === 'unknown', name);
});

paths.run();

const room = suite('room in the inbox');
const small: InboxLimits = {
  messagesPerPathMost: 3,
  unreadPerStandingPathMost: 2,
  bodyBytesMost: 100,
};
const long = (word: string) => `{"a":"${word.padEnd(50)}"}`;

room('a path that is full still acknowledges what it has', () => {
  const { give, keep } = anInbox(small);
  give('a');
  assert.equal(
    ['1', '2', '3', '4', '1'].map((text) => keep('a', text)),
    ['kept', 'kept', 'kept', 'too-many', 'kept'],
  );
});

room('a path for money sent by hand is full only while nobody reads', () => {
  const { inbox, give, keep } = anInbox(small);
  give('by hand', 'confirmation');
  assert.equal(
    ['1', '2', '3'].map((text) => keep('by hand', text)),
    ['kept', 'kept', 'too-many'],
  );
  inbox.markRead('message-1' as never, 'read');
  assert.is(keep('by hand', '4'), 'kept');
  inbox.markRead('message-2' as never, 'read');
  assert.is(keep('by hand', '5'), 'kept');
});

room('an inbox that is full takes the first message of each path and no second', () => {
  const { db, give, keep } = anInbox(small);
  for (const name of ['a', 'b', 'c']) give(name);
  assert.equal([keep('a', long('1')), keep('a', long('2'))], ['kept', 'kept']);
  assert.equal(
    [keep('a', '3'), keep('b', long('1')), keep('b', '2')],
    [...['too-many', 'kept', 'too-many']],
  );
  const after = anInbox(small, new Database(db.serialize()));
  assert.equal([after.keep('a', '4'), after.keep('c', '1')], ['too-many', 'kept']);
});

room.run();
