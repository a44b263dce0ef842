import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adviseBy,
  clampOpinion,
  keepUntil,
  questionAbout,
  ruleSellWh,
  sellBeforeTheEnd,
  stillKept,
  sunAhead,
} from '../../gateway/core/advice.ts';
import type { AdviceId } from '../../gateway/core/ids.ts';
import { keepAll, quantileRule, sellAll } from '../../gateway/core/policy/policies.ts';
import type { Advice } from '../../gateway/core/round.ts';
import { dayMs, hourMs } from '../../gateway/core/slot.ts';
import {
  centsPerKwh,
  type EpochMs,
  epochMs,
  slotNumber,
  wattHours,
} from '../../gateway/core/units.ts';
import { clocksShow, corner } from './neighbours.ts';
import { situation, usualPast } from './policy/houses.ts';

const at = (time: string): EpochMs => clocksShow(`2026-11-23T${time}`);

const night = suite('the night that energy is kept for');

night('ends at six', () => {
  assert.is(keepUntil(at('05:59')), at('06:00'));
  assert.is(keepUntil(at('06:00')), clocksShow('2026-11-24T06:00'));
  assert.is(keepUntil(at('23:00')), clocksShow('2026-11-24T06:00'));
});

const weather = suite('reading the weather forecast');

/** Hours from 06:00 two weeks ago until tomorrow; `percent` of the same bright day, today another. */
const aSky = (before: number, today: number) =>
  Array.from({ length: 16 * 24 }, (_, hour) => {
    const from = epochMs(at('06:00') - 14 * dayMs + hour * hourMs);
    const bright = Math.max(0, 700 * Math.sin((Math.PI * ((hour % 24) + 0.5)) / 12));
    const percent = from < at('06:00') ? before : today;
    return { from, wattsPerM2: (bright * percent) / 100 };
  });

const percent = (sky: ReturnType<typeof aSky>, time: string) =>
  Math.round(100 * (sunAhead(sky, at(time)) ?? Number.NaN));

weather('compares today with what the same service said of the days before', () => {
  assert.is(percent(aSky(100, 100), '08:00'), 100);
  assert.is(percent(aSky(100, 60), '08:00'), 60);
  assert.is(percent(aSky(50, 50), '08:00'), 100, 'a service that is always too dark');
});

weather('is never believed beyond twice the usual', () => {
  assert.is(sunAhead(aSky(10, 90), at('08:00')), 2);
});

weather(
  'says nothing without a forecast, without days before, and when the sun is about to set',
  () => {
    assert.is(sunAhead(undefined, at('08:00')), undefined);
    assert.is(sunAhead([], at('08:00')), undefined);
    const young = aSky(100, 100).filter(({ from }) => from >= at('06:00') - 2 * dayMs);
    assert.is(sunAhead(young, at('08:00')), undefined);
    const cut = aSky(100, 100).filter(({ from }) => from < at('12:00'));
    assert.is(sunAhead(cut, at('08:00')), undefined, 'today is not told to its end');
    assert.is(sunAhead(aSky(100, 0), at('17:30')), undefined);
    assert.is(sunAhead(aSky(100, 0), at('23:00')), undefined);
  },
);

weather('counts only the hours that are still to come', () => {
  const clears = aSky(100, 100).map(({ from, wattsPerM2 }) => ({
    from,
    wattsPerM2: from >= at('06:00') && from < at('12:00') ? 0 : wattsPerM2,
  }));
  assert.is(percent(clears, '12:00'), 100);
  assert.ok((sunAhead(clears, at('08:00')) ?? 1) < 0.7);
});

const advising = suite('advising a household');
const afternoon = usualPast(10, 36);

advising('splits what is at hand, to the Wh, and leaves what is kept', () => {
  const decision = adviseBy(quantileRule, situation(afternoon, { keptWh: 300 }));
  assert.equal([decision.keepWh, decision.sellWh], [1_200, 4_100]);
});

advising('does not trust a policy beyond what is at hand', () => {
  const wild = (keepWh: number) =>
    adviseBy({ name: 'wild', keepWh: () => keepWh }, situation(afternoon));
  assert.equal([wild(-5).keepWh, wild(9_999).keepWh, wild(10.7).keepWh], [0, 5_000, 10]);
});

advising('remembers what it knew', () => {
  const { known, outlook } = adviseBy(quantileRule, situation(afternoon, { sunAhead: 0.5 }));
  assert.equal([known.days, known.sunAhead, known.enoughWith], [10, 500, 800]);
  assert.ok(known.sunLevel < 1_000 && known.loadLevel === 1_000);
  assert.equal(known.needWh, [1_200, 1_200, 1_200]);
  assert.equal(outlook, { useWh: 1_200, sunWh: 0 });
  assert.equal(adviseBy(quantileRule, situation(usualPast(0, 9))).known.needWh, null);
});

advising('expects in the morning the sun of the day', () => {
  const { outlook } = adviseBy(sellAll, situation(usualPast(10, 12)));
  assert.equal(outlook, { useWh: 1_200, sunWh: 4_800 });
});

advising('sells everything before the window ends, what was kept too', () => {
  const decision = adviseBy(keepAll, situation(afternoon, { keptWh: 500 }));
  const last = sellBeforeTheEnd(wattHours(5_500), decision);
  assert.equal([last.keepWh, last.sellWh], [0, 5_500]);
  assert.not.match(last.words.en + last.words.sw, /\d/);
});

advising('knows that own need has used some of what was kept', () => {
  assert.equal([stillKept(900, 400), stillKept(400, 900), stillKept(0, 900)], [400, 400, 0]);
});

const anAdvice = (change: Partial<Advice> = {}): Advice => ({
  ...{ id: 'a' as AdviceId, slot: slotNumber(1), household: corner, energyWh: wattHours(4_250) },
  ...{ nightNeedWh: wattHours(1_249), sunLeftWh: wattHours(99), keepWh: wattHours(1_249) },
  ...{ sellWh: wattHours(3_001), rate: centsPerKwh(1_512), ownTariff: centsPerKwh(2_700) },
  ...{ source: 'rule', reason: 'why', at: at('15:20') },
  ...change,
});

const opinion = suite('a second opinion about advice');

opinion('is asked for with round numbers, and with the policy’s own decision', () => {
  const question = questionAbout(anAdvice());
  assert.equal(question, {
    ...{ energyWh: 4_200, nightNeedWh: 1_200, sunLeftWh: 0, keepWh: 1_200, sellWh: 3_000 },
    ...{ rate: 1_500, ownTariff: 2_700, hour: 15 },
  });
  const { known } = adviseBy(sellAll, situation(afternoon));
  const record = { policy: 'p', ruleKeepWh: wattHours(1_249), known, reasonSw: '' };
  const changed = anAdvice({
    ...{ source: 'model', keepWh: wattHours(3_250), sellWh: wattHours(1_000), record },
  });
  assert.equal(questionAbout(changed), question);
  assert.is(ruleSellWh(changed), 3_001);
});

const base = { sellWh: 3_001, energyWh: 4_250 };

opinion('can hold everything back', () => {
  assert.is(clampOpinion(base, { action: 'hold', sellWh: 1_000 }), 0);
});

opinion('can sell less, and never more; who would sell all that was asked about agrees', () => {
  const sells = (sellWh: number) => clampOpinion(base, { action: 'sell', sellWh });
  assert.equal([0, 1, 2_999, 3_000, 3_001, 1e9].map(sells), [0, 1, 2_999, 3_001, 3_001, 3_001]);
});

opinion(
  'never leaves the envelope in twenty thousand answers, however mad, around any base',
  () => {
    const anything = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 2 ** 53, 0.5, 1499.9),
    );
    const wh = fc.integer({ min: -1_000, max: 50_000 });
    fc.assert(
      fc.property(
        wh,
        wh,
        fc.constantFrom('sell', 'hold'),
        anything,
        (sellWh, energyWh, action, told) => {
          const sold = clampOpinion({ sellWh, energyWh }, { action, sellWh: told });
          assert.ok(Number.isSafeInteger(sold) && sold >= 0, `${sold}`);
          assert.ok(sold <= Math.max(0, sellWh) && sold <= Math.max(0, energyWh));
        },
      ),
      { numRuns: 20_000 },
    );
  },
);

night.run();
weather.run();
advising.run();
opinion.run();
