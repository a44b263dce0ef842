import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ok } from '../../gateway/core/result.ts';
import { cents, wattHours } from '../../gateway/core/units.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { aPaidTrade, type GivenHub, given, heard, waitingDeeds } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';

const settling = suite('moving tokens exactly once');

/** The kiosk has paid for 2 kWh of the corner house; the tokens are owed. */
function owed(need = 0) {
  const hub = given({
    energy: { [corner]: 5_000 },
    wallets: { [kiosk]: 3_000 },
    need: need === 0 ? {} : { [kiosk]: need },
  });
  return Object.assign(hub, aPaidTrade(hub));
}
type Owing = ReturnType<typeof owed>;
const settle = async (hub: Owing, times = 1): Promise<void> => {
  for (let n = 0; n < times; n++) await settleTokens(hub, hub.intent.id);
};
const trade = (hub: Owing) => hub.books.trades.find(hub.trade.id);
const intent = (hub: Owing) => hub.books.tokens.find(hub.intent.id);
const wallet = (hub: GivenHub) => hub.books.trades.walletOf(kiosk);
const earnings = (hub: GivenHub) => hub.books.trades.earningsOf(corner);

settling('final at once: the seller has earned, the buyer has bought', async () => {
  using hub = owed();
  await settle(hub, 3);
  assert.equal([trade(hub)?.state, trade(hub)?.signature], ['settled', 'signature-1']);
  assert.equal([earnings(hub), wallet(hub)], [3_000, 0]);
  assert.is(hub.books.energy.balanceOf(kiosk).boughtWh, 2_000);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 3_000);
  assert.equal(hub.chain.sent, ['signature-1']);
  assert.is(hub.chain.balanceOf(kiosk), 2_000);
  assert.is(heard(hub, 'tokens.settled').length, 1);
  assert.equal([intent(hub)?.state, waitingDeeds(hub)], ['done', []]);
  assert.equal(hub.books.audit.imbalances(), []);
});

settling('bought energy covers the buyer’s need at once', async () => {
  using hub = owed(1_500);
  await settle(hub);
  assert.equal(hub.books.energy.balanceOf(kiosk), { energyWh: 0, boughtWh: 500, needWh: 0 });
});

settling('the signed bytes are on disk before they are sent', async () => {
  using hub = owed();
  const seen: unknown[] = [];
  const { send } = hub.chain;
  const chain = {
    ...hub.chain,
    send: async (signed: Parameters<typeof send>[0]) => {
      const kept = hub.books.tokens.openAttempt(hub.intent.id);
      seen.push(kept?.signature, Buffer.from(kept?.raw ?? []).equals(signed.raw));
      seen.push(trade(hub)?.state);
      return send(signed);
    },
  };
  await settleTokens({ ...hub, chain }, hub.intent.id);
  assert.equal(seen, ['signature-1', true, 'transferring']);
});

settling('seen but not final: waits, and sends nothing more', async () => {
  using hub = owed();
  hub.chain.final = false;
  await settle(hub, 4);
  assert.is(trade(hub)?.state, 'transferring');
  assert.equal([hub.chain.sent.length, earnings(hub)], [1, 0]);
  hub.chain.final = true;
  await settle(hub);
  assert.is(trade(hub)?.state, 'settled');
});

settling('a lost answer: the same bytes again, until they land', async () => {
  using hub = owed();
  hub.chain.takesIn = false;
  await settle(hub, 3);
  assert.equal(hub.chain.sent, ['signature-1', 'signature-1', 'signature-1']);
  hub.chain.takesIn = true;
  await settle(hub);
  assert.equal([trade(hub)?.state, hub.chain.signed.length], ['settled', 1]);
});

settling(
  'expired: signs again once the old bytes can no longer land, not a block earlier',
  async () => {
    using hub = owed();
    hub.chain.takesIn = false;
    await settle(hub);
    hub.chain.height = 1_150 + 1;
    await settle(hub, 3);
    hub.chain.height = 1_150 + 150;
    await settle(hub, 3);
    assert.equal([hub.chain.signed.length, hub.chain.sent.length], [1, 1], 'it waits');
    hub.chain.height += 1;
    hub.chain.takesIn = true;
    await settle(hub, 2);
    assert.equal([trade(hub)?.signature, hub.chain.signed.length], ['signature-2', 2]);
    assert.equal(hub.chain.movedIntents(), [hub.intent.id]);
  },
);

settling('a node that denied the first signature: the winner’s signature counts', async () => {
  using hub = owed();
  hub.chain.denied.add('signature-1');
  await settle(hub);
  assert.is(hub.chain.balanceOf(kiosk), 2_000, 'it has landed');
  hub.chain.height += 1_000;
  await settle(hub, 3);
  assert.equal([trade(hub)?.state, trade(hub)?.signature], ['settled', 'signature-1']);
  assert.is(hub.chain.balanceOf(kiosk), 2_000);
});

settling('the first one lands late after all: the second changes nothing', async () => {
  using hub = owed();
  hub.chain.takesIn = false;
  await settle(hub);
  hub.chain.height = 1_301;
  await settle(hub);
  hub.chain.height = 1_000;
  hub.chain.landLate('signature-1');
  Object.assign(hub.chain, { height: 1_301, takesIn: true });
  await settle(hub, 2);
  assert.equal(hub.chain.sent.at(-1), 'signature-2');
  assert.equal([trade(hub)?.state, trade(hub)?.signature], ['settled', 'signature-1']);
  assert.equal([hub.chain.balanceOf(kiosk), earnings(hub)], [2_000, 3_000]);
});

settling('S49: proved impossible: money and energy go back, without M-Pesa', async () => {
  using hub = owed();
  Object.assign(hub.chain, { sign: failing(hub.chain.sign) });
  await settle(hub, 2);
  assert.is(trade(hub)?.state, 'undone');
  assert.equal([wallet(hub), earnings(hub)], [3_000, 0]);
  assert.is(hub.books.energy.balanceOf(corner).energyWh, 5_000);
  assert.equal([intent(hub)?.state, waitingDeeds(hub)], ['failed', []]);
  assert.match(heard(hub, 'trade.expired')[0]?.why ?? '', /too few tokens/);
  assert.equal(hub.money.rung, []);
  assert.equal(hub.books.audit.imbalances(), []);
});
/** A chain on which the seller has fewer tokens than the books believe. */
const failing =
  (sign: Owing['chain']['sign']): Owing['chain']['sign'] =>
  (move) =>
    sign({ ...move, mintWh: wattHours(0) });

settling('a failure is no proof while another signature of the same move has landed', async () => {
  using hub = owed();
  hub.chain.denied.add('signature-1');
  await settle(hub);
  const chain = {
    ...hub.chain,
    statusOf: async () => ok({ kind: 'failed', final: true, why: 'a strange node' } as const),
  };
  await settleTokens({ ...hub, chain }, hub.intent.id);
  assert.equal([trade(hub)?.state, trade(hub)?.signature], ['settled', 'signature-1']);
  assert.is(wallet(hub), 0);
});

settling('a failure that is not final yet undoes nothing', async () => {
  using hub = owed();
  Object.assign(hub.chain, { sign: failing(hub.chain.sign), final: false });
  await settle(hub, 3);
  assert.equal([trade(hub)?.state, wallet(hub)], ['transferring', 0]);
});

settling('eight signatures and none landed: a person must look, nobody is refunded', async () => {
  using hub = owed();
  hub.chain.takesIn = false;
  for (let n = 0; n < 12; n++) {
    await settle(hub, 2);
    hub.chain.height += 301;
  }
  assert.is(hub.chain.signed.length, 8);
  assert.equal([trade(hub)?.state, intent(hub)?.state], ['review', 'review']);
  assert.equal([wallet(hub), earnings(hub)], [0, 0]);
  assert.is(heard(hub, 'tokens.unclear').length, 1);
  assert.equal(waitingDeeds(hub), ['send-tokens'], 'it only watches');
  assert.equal(hub.books.audit.imbalances(), []);
});

settling(
  'what was sent before a person had to look may still land, and then it counts',
  async () => {
    using hub = owed();
    hub.chain.takesIn = false;
    for (let n = 0; n < 12; n++) {
      await settle(hub, 2);
      hub.chain.height += 301;
    }
    assert.is(intent(hub)?.state, 'review');
    const [height, sent] = [hub.chain.height, hub.chain.sent.length];
    hub.chain.height = 1_000;
    hub.chain.landLate('signature-1');
    hub.chain.height = height;
    await settle(hub, 2);
    assert.equal([trade(hub)?.state, trade(hub)?.signature], ['settled', 'signature-1']);
    assert.equal([hub.chain.sent.length, earnings(hub)], [sent, 3_000]);
    assert.equal(waitingDeeds(hub), []);
  },
);

settling('6: two workers on one intent send one signature', async () => {
  using hub = owed();
  await Promise.all([settle(hub), settle(hub)]);
  await settle(hub);
  assert.equal([...new Set(hub.chain.sent)].length, 1);
  assert.equal([hub.books.tokens.attempts(hub.intent.id), trade(hub)?.state], [1, 'settled']);
  assert.is(hub.chain.balanceOf(kiosk), 2_000);
});

settling(
  'a node that stands still brings the same dead bytes: they are not sent again',
  async () => {
    using hub = owed();
    hub.chain.takesIn = false;
    await settle(hub);
    hub.chain.height = 1_301;
    await settle(hub);
    const [first] = hub.chain.signed;
    const stale = { ...hub.chain, sign: async () => ok(first as NonNullable<typeof first>) };
    await settleTokens({ ...hub, chain: stale }, hub.intent.id);
    assert.equal([hub.books.tokens.attempts(hub.intent.id), hub.chain.sent.length], [1, 1]);
    hub.chain.takesIn = true;
    await settle(hub, 2);
    assert.equal([trade(hub)?.state, trade(hub)?.signature], ['settled', 'signature-2']);
  },
);

settling('12: a trade whose transfer is never final is in no payout batch', async () => {
  using hub = owed();
  hub.chain.final = false;
  hub.books.settings.change('payoutLeastCents', 1_000, nine);
  hub.books.settings.change('payoutDaily', 0, nine);
  await settle(hub, 4);
  assert.equal([trade(hub)?.state, hub.books.trades.earningsOf(corner)], ['transferring', 0]);
  assert.equal(hub.books.payouts.earners(cents(1)), []);
  hub.chain.final = true;
  await settle(hub);
  assert.equal(hub.books.payouts.earners(cents(1)), [corner]);
});

settling('an unreachable chain: waits, at every point', async () => {
  using hub = owed();
  hub.chain.reachable = false;
  await settle(hub, 5);
  assert.equal([trade(hub)?.state, hub.chain.signed.length], ['paid', 0]);
  Object.assign(hub.chain, { reachable: true, takesIn: false });
  await settle(hub);
  hub.chain.reachable = false;
  hub.chain.height += 10_000;
  await settle(hub, 5);
  assert.equal([trade(hub)?.state, hub.chain.signed.length], ['transferring', 1]);
  Object.assign(hub.chain, { reachable: true, takesIn: true });
  await settle(hub, 3);
  assert.is(trade(hub)?.state, 'settled');
});

settling('after a power cut goes on with the signature that is on disk', async () => {
  using hub = owed();
  hub.chain.takesIn = false;
  await settle(hub);
  hub.chain.takesIn = true;
  const again = { ...hub, told: [] };
  await settleTokens(again, hub.intent.id);
  assert.equal([trade(hub)?.state, hub.chain.signed.length], ['settled', 1]);
});

settling.run();
