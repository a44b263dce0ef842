import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { leads, SlotForecaster } from '../../../gateway/core/forecast/slot-forecaster.ts';
import { bell } from '../../../gateway/simulators/neighbourhood/chance.ts';

const slotsPerDay = 96;
const foretelling = suite('foretelling what a house uses and its roof makes');

/** A roof under clouds that stay for an hour or two, on days that are bright or dull. */
function cloudy(seed: number, days: number): number[] {
  let [cloud, level] = [0, 0];
  return Array.from({ length: days * slotsPerDay }, (_, slot) => {
    const quarter = slot % slotsPerDay;
    if (quarter === 0) level = 0.5 * level + 0.8 * bell(seed, 1, slot);
    cloud = 0.85 * cloud + 0.5 * bell(seed, 2, slot);
    const height = Math.max(0, Math.sin((Math.PI * (quarter - 25)) / 48));
    return height * 400 * Math.max(0.05, 1 + 0.3 * cloud + 0.2 * level);
  });
}

const after = (kind: 'sun' | 'load', values: readonly number[]): SlotForecaster => {
  const forecaster = new SlotForecaster(kind);
  values.forEach((value, slot) => {
    forecaster.observe(slot, value);
  });
  return forecaster;
};

foretelling('never knows the future: another one changes nothing that was said before', () => {
  const value = fc.integer({ min: 0, max: 2_000 });
  const now = 5 * slotsPerDay + 40;
  fc.assert(
    fc.property(
      fc.nat(1_000),
      fc.array(value, { minLength: 2 * slotsPerDay, maxLength: 2 * slotsPerDay }),
      (seed, other) => {
        const one = cloudy(seed, 8);
        const two = [...one.slice(0, now), ...other];
        const said = [one, two].map((values) => {
          const forecaster = new SlotForecaster('sun');
          return values.slice(0, now + 150).map((each, slot) => {
            forecaster.observe(slot, each);
            return JSON.stringify([forecaster.forecasts(), forecaster.skills()]);
          });
        });
        assert.equal(said[0]?.slice(0, now), said[1]?.slice(0, now));
        assert.is.not(said[0]?.[now + 100], said[1]?.[now + 100], 'what comes does change it');
      },
    ),
    { numRuns: 5 },
  );
});

foretelling('has its quantiles in order, none below nothing, whatever was metered', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.nat(5_000), fc.constant(1e6)), { maxLength: 600 }),
      fc.constantFrom('sun' as const, 'load' as const),
      (values, kind) => {
        for (const { low, middle, high, mean } of after(kind, values).forecasts()) {
          assert.ok(low >= 0 && low <= middle && middle <= high, `${low} ${middle} ${high}`);
          assert.ok(mean >= 0 && Number.isFinite(mean));
        }
      },
    ),
    { numRuns: 50 },
  );
});

foretelling('knows each lead from 15 minutes to a day', () => {
  const told = after('load', cloudy(1, 2)).forecasts();
  assert.equal(
    told.map(({ lead }) => lead),
    [...leads],
  );
  assert.equal([leads[0], leads.at(-1)], [1, 96]);
});

foretelling('learns a house that does the same every day', () => {
  const same = Array.from({ length: 12 * slotsPerDay }, (_, slot) => {
    const quarter = slot % slotsPerDay;
    return quarter < 48 ? 20 : 60;
  });
  const now = after('load', same);
  for (const { lead, mean } of now.forecasts()) {
    const truth = (same.length - 1 + lead) % slotsPerDay < 48 ? 20 : 60;
    assert.ok(Math.abs(mean - truth) < 8, `${mean} for ${truth} in ${lead}`);
  }
});

foretelling('learns a shadow that no clear sky knows', () => {
  const shaded = Array.from({ length: 10 * slotsPerDay }, (_, slot) => {
    const quarter = slot % slotsPerDay;
    const height = Math.max(0, Math.sin((Math.PI * (quarter - 25)) / 48));
    return 400 * height * (quarter >= 52 ? 0.2 : 1);
  });
  const roof = after('sun', shaded.slice(0, -48));
  const inAnHour = roof.forecasts().find(({ lead }) => lead === 8);
  assert.ok((inAnHour?.mean ?? 400) < 110, 'two hours after noon the tree has the sun');
});

foretelling('expects no sun in the night', () => {
  const midnight = after('sun', cloudy(3, 5));
  for (const { lead, high } of midnight.forecasts())
    if (lead <= 16) assert.is(high, 0, `in ${lead}`);
});

foretelling('beats the best blend of as-now and as-usual where clouds stay', () => {
  const skills = after('sun', cloudy(7, 40)).skills();
  for (const { lead, skill, count } of skills) {
    assert.ok(count > 1_000, 'by so many comparisons');
    if (lead <= 8) assert.ok((skill ?? -1) > 0, `${skill} at ${lead}`);
  }
});

foretelling('tells a range that holds about four in five', () => {
  for (const { lead, coveragePercent } of after('sun', cloudy(11, 60)).skills())
    assert.ok(coveragePercent > 65 && coveragePercent < 92, `${coveragePercent} at ${lead}`);
});

foretelling('does not score its first three days, nor the night of a roof', () => {
  assert.equal(
    after('load', cloudy(1, 3))
      .skills()
      .map(({ count }) => count),
    leads.map(() => 0),
  );
  assert.is(after('load', cloudy(1, 4)).skills()[0]?.count, slotsPerDay);
  const count = after('sun', cloudy(1, 4)).skills()[0]?.count ?? 0;
  assert.ok(count > 40 && count < 52, `${count}`);
});

foretelling('says nothing of itself before anything was compared', () => {
  assert.equal(
    new SlotForecaster('sun').skills().map(({ skill }) => skill),
    leads.map(() => undefined),
  );
  assert.equal(new SlotForecaster('sun').forecasts(), []);
});

foretelling.run();
