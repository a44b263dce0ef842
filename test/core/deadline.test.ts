import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { expiryFloorMs, graceFloorMs, scaledDeadline } from '../../gateway/core/deadline.ts';
import { epochMs } from '../../gateway/core/units.ts';

const waiting = suite('a deadline that waits for real work');

const now = epochMs(1_800_000_000_000);
const tenMinutes = 600_000;
const dayLong = 86_400_000;

waiting('is as far away as it says while clocks run at their own speed', () => {
  assert.is(scaledDeadline(now, 1, tenMinutes, expiryFloorMs), now + tenMinutes);
});

waiting('gives the computer fifteen seconds for a trade, and two for a slot, at any speed', () => {
  assert.is(scaledDeadline(now, 600, tenMinutes, expiryFloorMs), now + 600 * 15_000);
  assert.is(scaledDeadline(now, 600, 120_000, graceFloorMs), now + 600 * 2_000);
});

waiting('changes from one to the other where both are the same', () => {
  const at = (speed: number) => scaledDeadline(now, speed, tenMinutes, expiryFloorMs) - now;
  assert.equal([39, 40, 41].map(at), [tenMinutes, tenMinutes, 41 * 15_000]);
});

waiting('may be now where there is nothing to wait for', () => {
  assert.is(scaledDeadline(now, 600, 0, 0), now);
});

waiting('is a whole millisecond, and never too early, at odd speeds', () => {
  const aSpeed = fc.integer({ min: 1, max: 40_000 }).map((quarters) => quarters / 4);
  fc.assert(
    fc.property(aSpeed, fc.nat(dayLong), fc.nat(60_000), (speed, waitMs, floorMs) => {
      const deadline = scaledDeadline(now, speed, waitMs, floorMs);
      assert.ok(deadline - now >= waitMs && deadline - now >= floorMs * speed);
      assert.ok(deadline - now < Math.max(waitMs, floorMs * speed) + 1);
    }),
  );
});

waiting.run();
