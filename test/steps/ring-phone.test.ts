import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOf } from '../../gateway/adapters/ids/ids.ts';
import { dayMs, minuteMs } from '../../gateway/core/slot.ts';
import type { Topup } from '../../gateway/core/topup.ts';
import type { PushAnswer } from '../../gateway/ports/mobile-money.ts';
import { ringPhone } from '../../gateway/steps/ring-phone.ts';
import { aPushClaim } from '../support/fake-money.ts';
import { aTrade, type GivenHub, given, heard, knock, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, nine, phoneOf } from '../support/neighbourhood.ts';
import { aTopup } from '../support/topups.ts';

const ringing = suite('making the phone ring');
const energy = { [corner]: 9_000 };

/** A trade waits for KES 30 from the kiosk's phone. */
function wanted(answer?: PushAnswer): GivenHub & { readonly topup: Topup } {
  const hub = given({ energy });
  const topup = aTopup(hub, { trades: [aTrade(hub).id] });
  if (answer) hub.money.says.ring.push(answer);
  return Object.assign(hub, { topup });
}
const now = (hub: GivenHub & { readonly topup: Topup }) => hub.books.topups.find(hub.topup.id);
const names = (hub: GivenHub) => hub.told.map(({ name }) => name);
const dueIn = (hub: GivenHub, ms: number) =>
  hub.books.deeds.due((hub.clock.now() + ms) as never, 9).map(({ kind }) => kind);

ringing('tells M-Pesa whom, how much, and where to answer', async () => {
  using hub = wanted();
  await ringPhone(hub, hub.topup.id);
  const [push] = hub.money.rung;
  assert.equal(
    [push?.phone, push?.amountCents, push?.accountReference],
    [phoneOf(kiosk), 3_000, hub.topup.accountReference],
  );
  assert.match(push?.callbackToken ?? '', /^[0-9a-f]{32}$/);
  assert.match(push?.description ?? '', /^.{1,13}$/);
  assert.ok(knock(hub, push?.callbackToken ?? '', aPushClaim()), 'the path is known');
  assert.is(knock(hub, hashOf('another path').slice(32), aPushClaim()), undefined);
});

ringing('has it on disk that the phone may ring before it rings', async () => {
  using hub = wanted();
  const seen: unknown[] = [];
  hub.money.whileRinging = () => void seen.push(now(hub)?.state, now(hub)?.sentAt);
  await ringPhone(hub, hub.topup.id);
  assert.equal(seen, ['unknown', nine]);
});

ringing('accepted: the phone rings, and M-Pesa is asked after five seconds', async () => {
  using hub = wanted();
  await ringPhone(hub, hub.topup.id);
  assert.equal(
    [now(hub)?.state, now(hub)?.checkoutRequestId, now(hub)?.merchantRequestId],
    ['pending', 'ws_CO_1', 'merchant-1'],
  );
  assert.equal(names(hub), ['topup.ringing']);
  assert.equal([dueIn(hub, 4_999), dueIn(hub, 5_000)], [[], ['ask-about-topup']]);
});

ringing(
  'refused: nobody was asked, the trade need not wait, and nothing more is owed',
  async () => {
    using hub = wanted({ kind: 'refused', code: '400.002.02', again: false });
    await ringPhone(hub, hub.topup.id);
    assert.is(now(hub)?.state, 'failed');
    assert.equal(names(hub), ['topup.refused']);
    assert.equal(waitingDeeds(hub), []);
  },
);

for (const answer of [
  { kind: 'refused', code: '500.003.02', again: true },
  { kind: 'not-sent', why: 'no network' },
] as const)
  ringing(`${answer.kind} for now: the same push goes again in a minute`, async () => {
    using hub = wanted(answer);
    await ringPhone(hub, hub.topup.id);
    assert.equal([now(hub)?.state, now(hub)?.sentAt], ['intent', undefined]);
    assert.equal([dueIn(hub, minuteMs - 1), dueIn(hub, minuteMs)], [[], ['ring-phone']]);
    assert.equal(names(hub), [], 'no prompt was used up');
    hub.clock.advance(minuteMs);
    await ringPhone(hub, hub.topup.id);
    assert.is(now(hub)?.state, 'pending');
    assert.is(hub.money.rung[0]?.accountReference, hub.money.rung[1]?.accountReference);
  });

ringing('misconfigured: stops, and says why', async () => {
  using hub = wanted({ kind: 'misconfigured', why: 'wrong passkey' });
  await ringPhone(hub, hub.topup.id);
  assert.equal([now(hub)?.state, now(hub)?.code], ['failed', 'config']);
  assert.is(heard(hub, 'topup.refused')[0]?.why, 'wrong passkey');
});

ringing('unclear: never rings again, because the phone may be ringing', async () => {
  using hub = wanted({ kind: 'unclear', why: 'the answer was lost' });
  await ringPhone(hub, hub.topup.id);
  assert.equal([now(hub)?.state, now(hub)?.detail], ['unknown', 'the answer was lost']);
  assert.equal(names(hub), ['topup.unsure']);
  assert.equal(waitingDeeds(hub), ['ask-about-topup']);
  for (let n = 0; n < 3; n++) await ringPhone(hub, hub.topup.id);
  assert.is(hub.money.rung.length, 1);
});

ringing('after a power cut while it was asking: never the same push twice', async () => {
  using hub = wanted();
  hub.books.topups.markSent(hub.topup, 'a hash', (nine + dayMs) as never, nine);
  await ringPhone(hub, hub.topup.id);
  assert.equal(hub.money.rung, []);
  assert.is(now(hub)?.state, 'unknown');
  assert.equal(heard(hub, 'topup.unsure')[0]?.why, 'power cut');
  assert.equal(waitingDeeds(hub), ['ask-about-topup']);
});

ringing('a trade that is over needs no phone any more', async () => {
  using hub = wanted();
  const [trade] = hub.books.trades.ofBuyer(kiosk, ['matched']);
  assert.ok(trade);
  hub.books.trades.expire(trade, 'nobody paid', nine);
  await ringPhone(hub, hub.topup.id);
  assert.equal(hub.money.rung, []);
  assert.is(now(hub)?.state, 'abandoned');
  assert.equal(waitingDeeds(hub), []);
});

ringing('leaves nothing to do when the money was there before M-Pesa’s answer', async () => {
  for (const answer of [
    { kind: 'unclear', why: 'lost' },
    { kind: 'accepted', checkoutRequestId: 'ws_CO_1', merchantRequestId: 'merchant-1' },
  ] as const) {
    using hub = wanted(answer);
    hub.money.whileRinging = () => {
      const sent = now(hub);
      assert.ok(sent);
      hub.books.topups.ringing(sent, 'ws_CO_1', 'merchant-1', nine);
      hub.books.topups.credit(sent, nine);
    };
    await ringPhone(hub, hub.topup.id);
    assert.is(now(hub)?.state, 'credited');
    assert.equal(waitingDeeds(hub), [], answer.kind);
  }
});

ringing.run();
