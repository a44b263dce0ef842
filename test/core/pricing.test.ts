import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Collar, nextRate } from '../../gateway/core/pricing.ts';
import { centsPerKwh } from '../../gateway/core/units.ts';

const pricing = suite('posting the community rate of the next day');

const collar: Collar = { floor: centsPerKwh(1200), cap: centsPerKwh(1990) };

/** The rates of the following days, when each brings the same offer and need. */
function daysOf(from: number, offered: number, asked: number, days: number): number[] {
  const rates = [centsPerKwh(from)];
  for (let day = 0; day < days; day++)
    rates.push(nextRate(rates.at(-1) ?? centsPerKwh(from), collar, offered, asked));
  return rates;
}

pricing('comes down by a shilling a day to the floor while the sun is plentiful', () => {
  assert.equal(daysOf(1500, 10, 5, 4), [1500, 1400, 1300, 1200, 1200]);
});

pricing('goes up by a shilling a day to the cap while energy is scarce', () => {
  assert.equal(daysOf(1500, 1, 1000, 6), [1500, 1600, 1700, 1800, 1900, 1990, 1990]);
});

pricing('settles where offer and need belong, to the nearest half shilling', () => {
  const settled = (offered: number, asked: number) => daysOf(1500, offered, asked, 12).at(-1);
  // 1708, 1497 and 1332 cents, and both ends of the collar.
  assert.is(settled(1, 1_000_000), 1990);
  assert.is(settled(1, 4), 1700);
  assert.is(settled(2, 4), 1500);
  assert.is(settled(3, 4), 1350);
  assert.is(settled(4, 4), 1200);
  assert.is(settled(9, 4), 1200);
});

pricing('aims at 17.08, 14.97 and 13.32 shillings for a quarter, half and three quarters', () => {
  // The half shilling hides the target, so the collar is a hundred times larger here.
  const large = { floor: centsPerKwh(120_000), cap: centsPerKwh(199_000) };
  assert.is(nextRate(centsPerKwh(170_850), large, 1, 4), 170_900);
  assert.is(nextRate(centsPerKwh(149_650), large, 2, 4), 149_700);
  assert.is(nextRate(centsPerKwh(133_250), large, 3, 4), 133_200);
});

pricing('stays after a day on which nobody sold, or nobody bought', () => {
  assert.equal(daysOf(1650, 0, 7, 1), [1650, 1650]);
  assert.equal(daysOf(1650, 7, 0, 1), [1650, 1650]);
  assert.equal(daysOf(1650, 0, 0, 1), [1650, 1650]);
});

pricing('returns into a collar that the keeper has moved, even after such a day', () => {
  assert.is(nextRate(centsPerKwh(900), collar, 0, 0), 1200);
  assert.is(nextRate(centsPerKwh(2500), collar, 0, 0), 1990);
  assert.is(nextRate(centsPerKwh(2500), collar, 5, 1), 1990);
});

pricing('knows only one rate where floor and cap are the same', () => {
  const only = { floor: centsPerKwh(1500), cap: centsPerKwh(1500) };
  assert.is(nextRate(centsPerKwh(1500), only, 1, 4), 1500);
  assert.is(nextRate(centsPerKwh(1500), only, 4, 1), 1500);
});

const aDay = fc.record({
  floor: fc.integer({ min: 1, max: 3000 }),
  wide: fc.nat(3000),
  at: fc.nat(3000),
  offered: fc.nat(100_000),
  asked: fc.nat(100_000),
});
type Day = { floor: number; wide: number; at: number; offered: number; asked: number };
const given = ({ floor, wide, at }: Day) => ({
  today: centsPerKwh(floor + (wide === 0 ? 0 : at % (wide + 1))),
  collar: { floor: centsPerKwh(floor), cap: centsPerKwh(floor + wide) },
});

pricing('never leaves the collar, and moves a shilling at most before it is rounded', () => {
  fc.assert(
    fc.property(aDay, (day) => {
      const { today, collar } = given(day);
      const next = nextRate(today, collar, day.offered, day.asked);
      assert.ok(collar.floor <= next && next <= collar.cap);
      assert.ok(Math.abs(next - today) <= 125);
      assert.ok(next % 50 === 0 || next === collar.floor || next === collar.cap || next === today);
    }),
    { numRuns: 1_000 },
  );
});

pricing('is the same for a village and a town with the same proportion of sun and need', () => {
  fc.assert(
    fc.property(aDay, fc.integer({ min: 2, max: 50 }), (day, times) => {
      const { today, collar } = given(day);
      assert.is(
        nextRate(today, collar, day.offered * times, day.asked * times),
        nextRate(today, collar, day.offered, day.asked),
      );
    }),
  );
});

pricing('never falls because more was needed, nor rises because more was offered', () => {
  fc.assert(
    fc.property(aDay, fc.nat(50_000), (day, more) => {
      const { today, collar } = given(day);
      const [offered, asked] = [day.offered + 1, day.asked + 1];
      const rate = nextRate(today, collar, offered, asked);
      assert.ok(nextRate(today, collar, offered, asked + more) >= rate);
      assert.ok(nextRate(today, collar, offered + more, asked) <= rate);
    }),
    { numRuns: 500 },
  );
});

pricing.run();
