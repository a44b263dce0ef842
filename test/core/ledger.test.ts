import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { PayoutId, TopupId, TradeId } from '../../gateway/core/ids.ts';
import {
  billNeed,
  coverNeed,
  creditTopup,
  expireEnergy,
  finishPayout,
  meterEnergy,
  type Posting,
  payForKeeping,
  payFromWallet,
  releaseTrade,
  reserveEnergy,
  returnPayout,
  startPayout,
  undoTrade,
  unreserveEnergy,
} from '../../gateway/core/ledger.ts';
import { cents, slotNumber, wattHours } from '../../gateway/core/units.ts';
import { aTrade, corner, kiosk, school } from './neighbours.ts';

const writing = suite('writing money and energy into the ledger');

const topup = 'topup-1' as TopupId;
const payout = 'payout-1' as PayoutId;
const aPayout = (amount: number, id = payout) => ({
  ...{ id, household: corner, kind: 'batch' as const },
  amountCents: cents(amount),
});
const slot = slotNumber(1_996_000);
const said = ({ unit, from, to, amount }: Posting): string => `${from} -> ${to}: ${amount} ${unit}`;
const moves = (postings: readonly Posting[], expected: readonly string[]): void =>
  assert.equal(postings.map(said), expected);

/** What every account holds after these postings; an account that gave more than it got is below 0. */
function balances(postings: readonly Posting[]): Record<string, number> {
  const held: Record<string, number> = {};
  for (const { from, to, amount } of postings) {
    held[from] = (held[from] ?? 0) - amount;
    held[to] = (held[to] ?? 0) + amount;
  }
  return Object.fromEntries(Object.entries(held).filter(([, amount]) => amount !== 0));
}

writing('credits a payment that arrives to its household, whatever it was meant for', () => {
  moves(creditTopup(topup, kiosk, cents(5000)), ['mpesa-utility -> wallet:kiosk: 5000 cents']);
});

writing('keeps what the buyer paid with the trade', () => {
  moves(payFromWallet(aTrade()), ['wallet:kiosk -> trade-held:trade-1: 3000 cents']);
});

writing('gives the seller the money and the buyer the energy in one go', () => {
  moves(releaseTrade(aTrade()), [
    'trade-held:trade-1 -> earnings:corner-house: 3000 cents',
    'reserved:trade-1 -> bought:kiosk: 2000 Wh',
  ]);
});

writing('gives both back when the tokens cannot move', () => {
  moves(undoTrade(aTrade()), [
    'trade-held:trade-1 -> wallet:kiosk: 3000 cents',
    'reserved:trade-1 -> energy:corner-house: 2000 Wh',
  ]);
});

writing("sets the seller's energy aside and lets it go again", () => {
  moves(reserveEnergy(aTrade()), ['energy:corner-house -> reserved:trade-1: 2000 Wh']);
  moves(unreserveEnergy(aTrade()), ['reserved:trade-1 -> energy:corner-house: 2000 Wh']);
});

writing('sends earnings on their way, and either ends the way or takes them back', () => {
  moves(startPayout(aPayout(3000)), ['earnings:corner-house -> out-in-flight: 3000 cents']);
  moves(finishPayout(aPayout(3000), cents(500)), [
    'out-in-flight -> mpesa-utility: 3000 cents',
    'mpesa-charges -> mpesa-charges-paid: 500 cents',
  ]);
  moves(returnPayout(aPayout(3000)), ['out-in-flight -> earnings:corner-house: 3000 cents']);
});

writing('turns what meters counted into energy and need', () => {
  moves(meterEnergy(slot, corner, wattHours(250), wattHours(0)), [
    'exported -> energy:corner-house: 250 Wh',
  ]);
  moves(meterEnergy(slot, kiosk, wattHours(0), wattHours(90)), ['imported -> need:kiosk: 90 Wh']);
});

writing('uses up exactly as much energy as need is covered', () => {
  moves(coverNeed('slot:7', kiosk, { boughtWh: wattHours(60), ownWh: wattHours(30) }), [
    'bought:kiosk -> used:kiosk: 60 Wh',
    'energy:kiosk -> used:kiosk: 30 Wh',
    'need:kiosk -> covered:kiosk: 90 Wh',
  ]);
});

writing('gives a part of what was kept in vain to the school', () => {
  moves(payForKeeping('keep:7:corner-house', corner, school, wattHours(200)), [
    'energy:corner-house -> bought:school: 200 Wh',
  ]);
});

writing('lets unsold energy expire and bills uncovered need at the end of the window', () => {
  moves(expireEnergy('slot:7', corner, wattHours(700)), ['energy:corner-house -> expired: 700 Wh']);
  moves(billNeed('slot:7', kiosk, wattHours(300)), ['need:kiosk -> billed:kiosk: 300 Wh']);
});

writing('writes nothing where nothing moves', () => {
  const free = aTrade({ amountCents: cents(0), energyWh: wattHours(0) });
  const nothing = [
    creditTopup(topup, kiosk, cents(0)),
    ...[payFromWallet, releaseTrade, undoTrade, reserveEnergy, unreserveEnergy].map((write) =>
      write(free),
    ),
    startPayout(aPayout(0)),
    finishPayout(aPayout(0), cents(0)),
    returnPayout(aPayout(0)),
    meterEnergy(slot, corner, wattHours(0), wattHours(0)),
    coverNeed('slot:7', kiosk, { boughtWh: wattHours(0), ownWh: wattHours(0) }),
    payForKeeping('keep:7', corner, school, wattHours(0)),
    expireEnergy('slot:7', corner, wattHours(0)),
    billNeed('slot:7', kiosk, wattHours(0)),
  ];
  assert.equal(nothing.flat(), []);
});

writing('writes no charge where M-Pesa took none, and no own energy where none was used', () => {
  moves(finishPayout(aPayout(3000), cents(0)), ['out-in-flight -> mpesa-utility: 3000 cents']);
  moves(coverNeed('slot:7', kiosk, { boughtWh: wattHours(60), ownWh: wattHours(0) }), [
    'bought:kiosk -> used:kiosk: 60 Wh',
    'need:kiosk -> covered:kiosk: 60 Wh',
  ]);
});

/** One unit of energy from the roof to the kiosk, and its money from the phone to the seller. */
const wholeStory = (number: number): Posting[] => {
  const trade = aTrade({ id: `trade-${number}` as TradeId });
  const [push, paid] = [`topup-${number}` as TopupId, `payout-${number}` as PayoutId];
  const at = slotNumber(slot + number);
  return [
    ...meterEnergy(at, corner, wattHours(2000), wattHours(0)),
    ...meterEnergy(at, kiosk, wattHours(0), wattHours(2000)),
    ...reserveEnergy(trade),
    ...creditTopup(push, kiosk, cents(3000)),
    ...payFromWallet(trade),
    ...releaseTrade(trade),
    ...coverNeed(`trade:${trade.id}`, kiosk, { boughtWh: wattHours(2000), ownWh: wattHours(0) }),
    ...startPayout(aPayout(3000, paid)),
    ...finishPayout(aPayout(3000, paid), cents(500)),
  ];
};

writing(
  'leaves no trace of a finished trade but what was exported and used, and the charge',
  () => {
    assert.equal(balances(wholeStory(1)), {
      exported: -2000,
      imported: -2000,
      'used:kiosk': 2000,
      'covered:kiosk': 2000,
      'mpesa-charges': -500,
      'mpesa-charges-paid': 500,
    });
  },
);

writing('is as if nothing had been when a paid trade is undone', () => {
  const trade = aTrade();
  const there = [...reserveEnergy(trade), ...payFromWallet(trade)];
  assert.equal(balances([...there, ...undoTrade(trade)]), {});
  assert.equal(balances([...reserveEnergy(trade), ...unreserveEnergy(trade)]), {});
});

writing('is as if nothing had been when a payout comes back', () => {
  const out = startPayout(aPayout(3000));
  assert.equal(balances([...out, ...returnPayout(aPayout(3000))]), {});
});

const keysOf = (postings: readonly Posting[]): string[] => postings.map(({ key }) => key);
const areUnique = (keys: readonly string[]): boolean => new Set(keys).size === keys.length;

writing('gives every posting of many trades, slots and households a key of its own', () => {
  const days = [1, 2, 3].flatMap(wholeStory);
  const ends = [corner, kiosk].flatMap((household) => [
    ...expireEnergy('slot:7', household, wattHours(1)),
    ...billNeed('slot:7', household, wattHours(1)),
    ...coverNeed('slot:7', household, { boughtWh: wattHours(1), ownWh: wattHours(1) }),
    ...payForKeeping(`keep:7:${household}`, household, school, wattHours(1)),
  ]);
  assert.ok(areUnique(keysOf([...days, ...ends])));
});

writing('gives the same deed the same key, so that it cannot be written twice', () => {
  assert.equal(keysOf(wholeStory(1)), keysOf(wholeStory(1)));
});

writing('has one key for letting reserved energy go, whether a trade expires or is undone', () => {
  const [undone, expired] = [keysOf(undoTrade(aTrade())), keysOf(unreserveEnergy(aTrade()))];
  assert.ok(expired.every((key) => undone.includes(key)));
});

const amount = fc.nat(1_000_000);

writing('never makes or loses a cent or a Wh, whatever the amounts', () => {
  fc.assert(
    fc.property(amount, amount, amount, (money, energy, more) => {
      const trade = aTrade({ amountCents: cents(money), energyWh: wattHours(energy) });
      const all = [
        ...[payFromWallet, releaseTrade, undoTrade, reserveEnergy].flatMap((write) => write(trade)),
        ...creditTopup(topup, kiosk, cents(money)),
        ...finishPayout(aPayout(money), cents(more)),
        ...meterEnergy(slot, corner, wattHours(energy), wattHours(more)),
        ...coverNeed('slot:7', kiosk, { boughtWh: wattHours(energy), ownWh: wattHours(more) }),
      ];
      const sum = Object.values(balances(all)).reduce((total, held) => total + held, 0);
      assert.is(sum, 0);
      assert.ok(all.every((posting) => posting.amount > 0 && posting.from !== posting.to));
      assert.ok(areUnique(keysOf(all)));
    }),
  );
});

writing.run();
