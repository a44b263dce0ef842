/** Which key counts for a meter, and who may change that. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../../gateway/core/ids.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import { given } from '../../support/given.ts';

const keys = suite('the signing keys of meters');
const [first, second, third] = ['11', '22', '33'].map((digits) => digits.repeat(32)) as [
  string,
  string,
  string,
];
const at = epochMs(1_000);

function aMeter() {
  const hub = given();
  const { households, meters } = hub.books;
  const meter = households.registrations()[0]?.meter as MeterId;
  return {
    ...{ households, meters, meter },
    counts: () => households.publicKeyOf(meter),
    offered: () => meters.keyOffers().map(({ offered }) => offered),
    [Symbol.dispose]: () => hub[Symbol.dispose](),
  };
}

keys('the first one counts, and is not noted again', () => {
  using a = aMeter();
  assert.is(a.meters.meetKey(a.meter, first, at), 'pinned');
  const version = a.meters.keysVersion();
  assert.is(a.meters.meetKey(a.meter, first, at), 'known');
  assert.equal([a.counts(), a.offered(), a.meters.keysVersion()], [first, [], version]);
});

keys('another one is an offer that changes nothing, until the keeper trusts that very one', () => {
  using a = aMeter();
  a.meters.meetKey(a.meter, first, at);
  assert.is(a.meters.meetKey(a.meter, second, at), 'changed');
  const version = a.meters.keysVersion();
  a.meters.meetKey(a.meter, second, at);
  assert.is(a.meters.keysVersion(), version, 'each connection says it again');
  assert.equal([a.counts(), a.offered()], [first, [second]]);
  a.meters.meetKey(a.meter, third, at);
  assert.not.ok(a.meters.trustKey(a.meter, second, at), 'it has another key by now');
  assert.equal([a.counts(), a.offered()], [first, [third]]);
  assert.ok(a.meters.trustKey(a.meter, third, at));
  assert.equal([a.counts(), a.offered()], [third, []]);
  assert.not.ok(a.meters.trustKey(a.meter, third, at));
});

keys('the offer is gone when the meter is back with the key that counts', () => {
  using a = aMeter();
  a.meters.meetKey(a.meter, first, at);
  a.meters.meetKey(a.meter, second, at);
  assert.is(a.meters.meetKey(a.meter, first, at), 'known');
  assert.equal(a.offered(), []);
});

keys('strangers and revoked meters have none', () => {
  using a = aMeter();
  assert.is(a.meters.meetKey('nobody' as MeterId, first, at), 'unknown');
  a.meters.meetKey(a.meter, first, at);
  a.meters.meetKey(a.meter, second, at);
  a.households.revoke(a.meter, at);
  assert.is(a.meters.meetKey(a.meter, second, at), 'unknown');
  assert.not.ok(a.meters.trustKey(a.meter, second, at));
  assert.equal([a.offered(), a.meters.revoked()], [[], [a.meter]]);
});

keys.run();
