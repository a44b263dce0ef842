import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../../gateway/adapters/ids/ids.ts';
import { paymentCode } from '../../../gateway/core/household.ts';
import type { HouseholdId, MeterId } from '../../../gateway/core/ids.ts';
import type { Msisdn } from '../../../gateway/core/phone.ts';
import { defaultSettings } from '../../../gateway/core/settings.ts';
import { dayMs } from '../../../gateway/core/slot.ts';
import { cents, centsPerKwh, epochMs } from '../../../gateway/core/units.ts';
import { given } from '../../support/given.ts';
import { corner, kiosk, meterOf, nine, phoneOf, usualRule } from '../../support/neighbourhood.ts';

const living = suite('who lives here and what they agreed to');
const later = epochMs(nine + dayMs);

living('the newest rule that has begun counts, and tomorrow’s does not count today', () => {
  using hub = given();
  const { households } = hub.books;
  households.agree(kiosk, { ...usualRule, buyCeiling: centsPerKwh(1_300) }, later);
  households.agree(kiosk, { ...usualRule, blockCents: cents(5_000), autoSell: false }, nine);
  assert.equal(households.ruleOf(kiosk, epochMs(nine - 1)), usualRule);
  const today = { ...usualRule, blockCents: cents(5_000), autoSell: false };
  assert.equal(households.ruleOf(kiosk, nine), today);
  assert.equal(households.ruleOf(kiosk, epochMs(later - 1)), today);
  assert.is(households.ruleOf(kiosk, later).buyCeiling, 1_300);
  assert.equal(households.ruleOf(corner, later), usualRule, 'a neighbour’s rule is its own');
  households.agree(kiosk, usualRule, later);
  assert.equal(households.ruleOf(kiosk, later), usualRule, 'of two for one moment the last counts');
  assert.equal(households.ruleOf(kiosk, epochMs(later - 1)), today, 'what has begun stays');
});

living('a consent of broken shillings or impossible hours is refused', () => {
  using hub = given();
  const agrees = (differs: object) => () =>
    hub.books.households.agree(kiosk, { ...usualRule, ...differs }, later);
  assert.throws(agrees({ blockCents: cents(50) }), /CHECK/);
  assert.throws(agrees({ quietFromMs: dayMs }), /CHECK/);
  assert.throws(agrees({ promptsDaily: -1 }), /CHECK/);
});

living('settings are dated rows over the defaults', () => {
  using hub = given();
  const { settings } = hub.books;
  assert.equal(settings.at(nine), defaultSettings);
  settings.change('rate', 1_650, later);
  settings.change('marketOpen', 0, nine);
  settings.change('graceMs', 5_000, nine);
  settings.change('graceMs', 0, nine);
  assert.equal(settings.at(nine), { ...defaultSettings, marketOpen: false, graceMs: 0 });
  settings.change('marketOpen', 1, later);
  assert.equal(settings.at(epochMs(later - 1)).rate, 1_500);
  assert.equal(settings.at(later), {
    ...defaultSettings,
    marketOpen: true,
    graceMs: 0,
    rate: centsPerKwh(1_650),
  });
});

living('everybody keeps their place, and is found by phone', () => {
  using hub = given();
  const { households } = hub.books;
  assert.equal(
    households.all().map(({ id }) => id),
    [...households.all().map(({ id }) => id)].sort(),
    'who came at the same moment stands in the order of ids',
  );
  assert.is(households.byPhone(phoneOf(kiosk))?.id, kiosk);
  assert.is(households.byPhone('254799999999' as Msisdn), undefined);
  assert.is(households.find('nobody' as HouseholdId), undefined);
});

living('a neighbour whose id, phone or code is taken leaves no trace', () => {
  using hub = given();
  const { households } = hub.books;
  const known = households.find(kiosk);
  assert.ok(known);
  const fresh = { ...known, id: 'new' as HouseholdId, phone: '254712345678' as Msisdn };
  const newcomer = { ...fresh, code: paymentCode(77) };
  const before = households.all().length;
  assert.throws(() => households.add({ ...newcomer, id: kiosk }, usualRule));
  assert.throws(() => households.add({ ...newcomer, phone: known.phone }, usualRule));
  assert.throws(() => households.add(fresh, usualRule), /UNIQUE/);
  assert.throws(() => households.add(newcomer, { ...usualRule, blockCents: cents(1) }), /CHECK/);
  assert.is(households.all().length, before);
  households.add(newcomer, usualRule);
  assert.is(households.all().length, before + 1);
});

living('a meter has one household at a time, and a moved one starts a life of its own', () => {
  using hub = given();
  const { households } = hub.books;
  const meter = meterOf(corner);
  const register = (at: number) =>
    households.register(meter, kiosk, 'grid', hashOf('new password'), epochMs(at));
  assert.throws(() => register(nine), /UNIQUE/);
  assert.is(households.revoke(meter, nine), true);
  assert.is(households.revoke(meter, nine), false, 'only once');
  assert.is(households.passwordHashOf(meter), undefined);
  register(nine);
  assert.is(households.passwordHashOf(meter), hashOf('new password'));
  const moved = households.registrations().find((one) => one.meter === meter);
  assert.is(moved?.household, kiosk);
  assert.is(moved?.counted, undefined, 'registers are never compared across households');
  assert.throws(
    () => households.register('m' as MeterId, 'nobody' as HouseholdId, 'grid', 'hash', nine),
    /FOREIGN KEY/,
  );
});

const key = '0123456789abcdef'.repeat(4);

living('a meter may bring its key and its line for Mosquitto, or get them later', () => {
  using hub = given();
  const { households } = hub.books;
  const [old, fresh] = [meterOf(corner), 'meter-new' as MeterId];
  assert.is(households.publicKeyOf(old), undefined);
  assert.ok(households.mosquittoHashes().has(old));
  assert.is(households.mosquittoHashes().get(old), undefined);
  const secrets = { mosquittoHash: '$7$new', publicKey: key };
  households.register(fresh, kiosk, 'pv', hashOf('new'), nine, secrets);
  assert.is(households.publicKeyOf(fresh), key);
  assert.is(households.mosquittoHashes().get(fresh), '$7$new');

  assert.is(households.setPublicKey(old, key), true);
  assert.is(households.publicKeyOf(old), key);
  for (const wrong of [key.slice(1), `${key}0`, key.toUpperCase(), `${key.slice(1)}g`, ''])
    assert.throws(() => households.setPublicKey(old, wrong), /CHECK/, wrong);
  assert.is(households.publicKeyOf(fresh), key);
});

living('a new password ends the old one, and a meter that has gone keeps no secrets', () => {
  using hub = given();
  const { households } = hub.books;
  const meter = meterOf(corner);
  const neighbour = households.passwordHashOf(meterOf(kiosk));
  assert.is(households.setPassword(meter, hashOf('second'), '$7$second'), true);
  assert.is(households.passwordHashOf(meter), hashOf('second'));
  assert.is(households.mosquittoHashes().get(meter), '$7$second');
  assert.is(households.passwordHashOf(meterOf(kiosk)), neighbour);

  households.setPublicKey(meter, key);
  households.revoke(meter, nine);
  assert.is(households.setPassword(meter, hashOf('third'), '$7$third'), false);
  assert.is(households.setPublicKey(meter, key), false);
  assert.is(households.publicKeyOf(meter), undefined);
  assert.not.ok(households.mosquittoHashes().has(meter));
  households.register(meter, kiosk, 'grid', hashOf('fourth'), later);
  assert.is(households.publicKeyOf(meter), undefined, 'another life has another key');
});

living.run();
