import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decimalText, shillings, wholeUnits } from '../../../gateway/adapters/web/decimals.ts';

const decimals = suite('reading kWh and shillings as people write them');

decimals('2.5 kWh is 2500 Wh, and a single Wh is still counted', () => {
  assert.is(wholeUnits(2.5, 1000), 2500);
  assert.is(wholeUnits(0.001, 1000), 1);
  assert.is(wholeUnits(1000, 1000), 1_000_000);
  assert.is(wholeUnits(12.0, 100), 1200);
});

decimals('a fraction of a Wh or of a cent is nobody’s', () => {
  assert.is(wholeUnits(1.0005, 1000), undefined);
  assert.is(wholeUnits(0.0001, 1000), undefined);
  assert.is(wholeUnits(12.345, 100), undefined);
  assert.is(wholeUnits(0.1 + 0.2, 1000), undefined);
});

decimals('every Wh up to a MWh survives the way through JSON, and no float error is let in', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(100 as const, 1000 as const),
      (units, unitsPerOne) => {
        const written = decimalText(units, unitsPerOne);
        assert.is(wholeUnits(JSON.parse(written), unitsPerOne), units);
        // One digit more is a fraction of the smallest step, wherever it stands.
        const digits = String(unitsPerOne).length - 1;
        const padded = (units / unitsPerOne).toFixed(digits);
        assert.is(wholeUnits(JSON.parse(`${padded}5`), unitsPerOne), undefined);
      },
    ),
    { numRuns: 2000 },
  );
});

decimals('amounts are written as neighbours read them', () => {
  assert.equal(
    [2500, 1000, 1, 2125].map((wh) => decimalText(wh, 1000)),
    ['2.5', '1.0', '0.001', '2.125'],
  );
  assert.equal(
    [1200, 1255, 5].map((amount) => decimalText(amount, 100)),
    ['12.0', '12.55', '0.05'],
  );
  assert.equal([3000, 5, 123456].map(shillings), ['KES 30.00', 'KES 0.05', 'KES 1234.56']);
});

decimals.run();
