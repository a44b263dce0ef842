import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adviseByRule,
  clampOpinion,
  keepUntil,
  outlook,
  type PastSlot,
  type Situation,
  sunFactor,
} from '../../gateway/core/advice.ts';
import { dayMs, hourMs, slotAt, slotMs, slotStart, timeOfDayMs } from '../../gateway/core/slot.ts';
import {
  centsPerKwh,
  type EpochMs,
  epochMs,
  slotNumber,
  wattHours,
} from '../../gateway/core/units.ts';
import { clocksShow } from './neighbours.ts';

const looking = suite('looking at the rest of the day');

const monday = '2026-11-23';
const at = (time: string): EpochMs => clocksShow(`${monday}T${time}`);

/** A house with a roof: 200 Wh out in each slot from 09:00 to 15:00, 50 Wh in from 18:00 to 07:00. */
function usualSlot(slot: number): PastSlot {
  const hour = timeOfDayMs(slotStart(slotNumber(slot))) / hourMs;
  const sunny = hour >= 9 && hour < 15;
  const dark = hour >= 18 || hour < 7;
  return {
    slot: slotNumber(slot),
    exportedWh: wattHours(sunny ? 200 : 0),
    importedWh: wattHours(dark ? 50 : 0),
  };
}

/** What was metered from so many milliseconds ago until now. */
const past = (now: EpochMs, backMs: number): PastSlot[] =>
  Array.from({ length: backMs / slotMs }, (_, back) => usualSlot(slotAt(now) - 1 - back));
const week = 7 * dayMs;

looking('expects the whole day of sun and the whole night of need in the morning', () => {
  const now = at('08:00');
  assert.equal(outlook(past(now, week), now, 100), { sunLeftWh: 4800, nightNeedWh: 2400 });
});

looking('expects only what is left of the sun in the afternoon, and none in the evening', () => {
  const sunLeft = (time: string) => outlook(past(at(time), week), at(time), 100).sunLeftWh;
  assert.equal(['12:00', '14:45', '15:00', '20:00'].map(sunLeft), [2400, 200, 0, 0]);
});

looking('expects ever less need as the night goes by, until 06:00', () => {
  const need = (time: string) => outlook(past(at(time), week), at(time), 100).nightNeedWh;
  assert.equal(['18:00', '20:00', '00:00', '05:45'].map(need), [2400, 2000, 1200, 50]);
});

looking('looks at the next night from 06:00 on', () => {
  assert.is(keepUntil(at('05:59')), at('06:00'));
  assert.is(keepUntil(at('06:00')), clocksShow('2026-11-24T06:00'));
  assert.is(keepUntil(at('23:00')), clocksShow('2026-11-24T06:00'));
  assert.is(outlook(past(at('06:00'), week), at('06:00'), 100).nightNeedWh, 2600);
});

looking('expects a usual day as usual, however much of the past it knows', () => {
  for (const time of ['08:00', '13:00', '20:00', '00:00'])
    for (const hours of [24, 30, 38, 48, 60, 167])
      assert.equal(
        outlook(past(at(time), hours * hourMs), at(time), 100),
        outlook(past(at(time), week), at(time), 100),
        `${hours} hours until ${time}`,
      );
});

looking('takes the mean of sunny and dull days', () => {
  const now = at('08:00');
  const dull = past(now, 2 * dayMs).map((one) =>
    one.slot < slotAt(now) - 96 ? { ...one, exportedWh: wattHours(0) } : one,
  );
  assert.is(outlook(dull, now, 100).sunLeftWh, 2400);
});

looking('counts what came late, when the slots that it belongs to are missing', () => {
  const now = at('08:00');
  const twoDays = past(now, 2 * dayMs);
  const silence = slotAt(clocksShow('2026-11-22T09:00'));
  const wasSilent = (slot: number) => slot >= silence && slot < silence + 24;
  const heard = twoDays.filter(({ slot }) => !wasSilent(slot));
  const late = {
    slot: slotNumber(silence + 24),
    importedWh: wattHours(0),
    exportedWh: wattHours(4800),
  };
  const withGap = [...heard.filter(({ slot }) => slot !== late.slot), late];
  assert.equal(outlook(withGap, now, 100), outlook(twoDays, now, 100));
});

looking('expects nothing without a past', () => {
  const nothing = { nightNeedWh: 0, sunLeftWh: 0 };
  assert.equal(outlook([], at('08:00'), 100), nothing);
  assert.equal(outlook(past(at('16:00'), hourMs), at('16:00'), 100), nothing);
});

looking('scales the sun by the weather, and not the need', () => {
  const now = at('08:00');
  assert.equal(outlook(past(now, week), now, 50), { sunLeftWh: 2400, nightNeedWh: 2400 });
  assert.equal(outlook(past(now, week), now, 150), { sunLeftWh: 7200, nightNeedWh: 2400 });
});

const weather = suite('reading the weather forecast');

/** A whole day whose hours bring `percent` of the usual sun. */
const aSky = (percent: number) =>
  Array.from({ length: 24 }, (_, hour) => {
    const usual = 700 * Math.sin((Math.PI * (hour + 0.5 - 6.25)) / 12);
    return {
      from: epochMs(at('00:00') + hour * hourMs),
      wattsPerM2: Math.max(0, usual) * (percent / 100),
    };
  });

weather('promises the usual sun without a forecast', () => {
  assert.is(sunFactor(undefined, at('08:00')), 100);
  assert.is(sunFactor([], at('08:00')), 100);
});

weather('promises the share that the forecast has', () => {
  assert.equal(
    [100, 60, 130].map((percent) => sunFactor(aSky(percent), at('08:00'))),
    [100, 60, 130],
  );
});

weather('is never believed below 30 or above 150 percent', () => {
  assert.equal(
    [0, 29, 30, 31].map((percent) => sunFactor(aSky(percent), at('08:00'))),
    [30, 30, 30, 31],
  );
  assert.equal(
    [149, 150, 151, 900].map((percent) => sunFactor(aSky(percent), at('08:00'))),
    [149, 150, 150, 150],
  );
});

weather('counts only the hours that are still to come today', () => {
  const [morning, evening] = [aSky(100).slice(0, 12), aSky(50).slice(12)];
  assert.is(sunFactor([...morning, ...evening], at('12:00')), 50);
  const tomorrow = aSky(150).map(({ from, wattsPerM2 }) => ({
    from: epochMs(from + dayMs),
    wattsPerM2,
  }));
  assert.is(sunFactor([...aSky(70), ...tomorrow], at('08:00')), 70);
  assert.is(sunFactor(tomorrow, at('08:00')), 100);
});

weather('does not matter any more when the sun is about to set', () => {
  assert.is(sunFactor(aSky(0), at('16:00')), 100);
  assert.is(sunFactor(aSky(0), at('22:00')), 100);
});

const advising = suite('advising a household');

const aSituation = (change: Partial<Situation> = {}): Situation => ({
  energyWh: wattHours(3000),
  nightNeedWh: wattHours(1500),
  sunLeftWh: wattHours(0),
  rate: centsPerKwh(1500),
  ownTariff: centsPerKwh(2700),
  ...change,
});

advising(
  'to sell all in the morning, while the sun will still bring more than the night needs',
  () => {
    const now = at('08:00');
    const morning = adviseByRule(aSituation(outlook(past(now, week), now, 100)));
    assert.equal([morning.keepWh, morning.sellWh], [0, 3000]);
  },
);

advising('to keep in the evening what the night will need', () => {
  const now = at('18:00');
  const evening = adviseByRule(aSituation(outlook(past(now, week), now, 100)));
  assert.equal([evening.keepWh, evening.sellWh], [2400, 600]);
});

advising('to keep only what the sun will not bring', () => {
  const { keepWh, sellWh } = adviseByRule(aSituation({ sunLeftWh: wattHours(1100) }));
  assert.equal([keepWh, sellWh], [400, 2600]);
});

advising('to keep no more than there is', () => {
  const { keepWh, sellWh } = adviseByRule(aSituation({ nightNeedWh: wattHours(9000) }));
  assert.equal([keepWh, sellWh], [3000, 0]);
});

advising('to sell all where a kept kWh is worth no more than a sold one', () => {
  const keptAt = (ownTariff: number) =>
    adviseByRule(aSituation({ ownTariff: centsPerKwh(ownTariff) })).keepWh;
  assert.equal([1499, 1500, 1501].map(keptAt), [0, 0, 1500]);
});

advising('to sell all where nothing is known of the past', () => {
  const unknown = outlook([], at('18:00'), 100);
  assert.is(adviseByRule(aSituation(unknown)).sellWh, 3000);
});

advising('splits what there is, to the Wh', () => {
  const any = fc.nat(50_000).map(wattHours);
  fc.assert(
    fc.property(any, any, any, (energyWh, nightNeedWh, sunLeftWh) => {
      const { keepWh, sellWh } = adviseByRule(aSituation({ energyWh, nightNeedWh, sunLeftWh }));
      assert.is(keepWh + sellWh, energyWh);
      assert.ok(keepWh <= Math.max(0, nightNeedWh - sunLeftWh));
    }),
  );
});

advising('gives a reason that is true', () => {
  const why = (change: Partial<Situation>) => adviseByRule(aSituation(change)).reason;
  assert.match(why({}), /^Keep 1500 Wh: .* use 1500 Wh and the sun still brings 0 Wh\.$/);
  assert.match(why({ sunLeftWh: wattHours(2000) }), /^Sell: .*2000 Wh, .*1500 Wh/);
  assert.not.match(why({ sunLeftWh: wattHours(1500) }), /more than/);
  const cheap = why({ ownTariff: centsPerKwh(1400) });
  assert.match(cheap, /^Sell: /);
  assert.not.match(cheap, /sun/);
});

const opinion = suite('a second opinion about advice');

opinion('can hold everything back', () => {
  const decision = adviseByRule(aSituation());
  assert.is(clampOpinion(decision, { action: 'hold', sellWh: 1000 }), 0);
});

opinion('can sell less, and never more', () => {
  const sells = (sellWh: number) =>
    clampOpinion(adviseByRule(aSituation()), { action: 'sell', sellWh });
  assert.equal([0, 1, 1499, 1500, 1501, 1e9].map(sells), [0, 1, 1499, 1500, 1500, 1500]);
});

opinion('is whole and harmless in twenty thousand answers, however mad', () => {
  const anything = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 2 ** 53, 0.5, 1499.9),
  );
  const action = fc.constantFrom('sell' as const, 'hold' as const);
  fc.assert(
    fc.property(fc.nat(50_000), fc.nat(50_000), action, anything, (energy, need, told, sellWh) => {
      const situation = { energyWh: wattHours(energy), nightNeedWh: wattHours(need) };
      const decision = adviseByRule(aSituation(situation));
      const clamped = clampOpinion(decision, { action: told, sellWh });
      assert.ok(Number.isSafeInteger(clamped) && clamped >= 0 && clamped <= decision.sellWh);
      assert.ok(told === 'sell' || clamped === 0);
    }),
    { numRuns: 20_000 },
  );
});

looking.run();
weather.run();
advising.run();
opinion.run();
