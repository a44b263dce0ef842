import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type BootClock, dateReading, type MeterTime } from '../../gateway/core/reading-date.ts';
import { epochMs } from '../../gateway/core/units.ts';

const dating = suite('dating a reading');

const now = epochMs(1_800_000_000_000);
const nowSeconds = now / 1000;
const aTime = (differs: Partial<MeterTime> = {}): MeterTime => ({
  boot: 7,
  unixSeconds: nowSeconds - 60,
  timeQuality: 2,
  uptimeSeconds: 1000,
  ...differs,
});
const clockless = (uptimeSeconds: number | undefined, boot = 7): MeterTime =>
  aTime({ unixSeconds: 0, timeQuality: 0, uptimeSeconds, boot });

dating('believes a clock that was set', () => {
  const { at, timeSource } = dateReading(aTime(), now, undefined);
  assert.is(at, now - 60_000);
  assert.is(timeSource, 'meter');
});

dating('lets a clock run ahead five minutes and no second more', () => {
  const ahead = (s: number) => dateReading(aTime({ unixSeconds: nowSeconds + s }), now, undefined);
  assert.is(ahead(300).timeSource, 'meter');
  assert.is(ahead(301).timeSource, 'receipt');
  assert.is(ahead(301).at, now);
});

dating('does not believe a clock before 2024, nor one that was never set', () => {
  assert.is(dateReading(aTime({ unixSeconds: 1_704_067_199 }), now, undefined).at, now);
  assert.is(dateReading(aTime({ unixSeconds: 1_704_067_200 }), now, undefined).timeSource, 'meter');
  assert.is(dateReading(aTime({ timeQuality: 0 }), now, undefined).timeSource, 'receipt');
});

dating('places a backlog without a clock by the uptime of a live reading of the same boot', () => {
  const live = dateReading(clockless(5000), now, undefined);
  assert.is(live.at, now);
  const older = dateReading(clockless(4400), epochMs(now + 2000), live.clock);
  assert.is(older.at, now - 600_000);
  assert.is(older.timeSource, 'receipt');
});

dating('calls the time the meter’s own when its clock was set later in the same boot', () => {
  const synced = dateReading(
    aTime({ unixSeconds: nowSeconds, uptimeSeconds: 5000 }),
    now,
    undefined,
  );
  const older = dateReading(clockless(4000), now, synced.clock);
  assert.equal([older.at, older.timeSource], [now - 1_000_000, 'meter']);
});

dating('does not carry an uptime over from another boot', () => {
  const live = dateReading(clockless(5000), now, undefined);
  assert.is(dateReading(clockless(4400, 8), now, live.clock).at, now);
  assert.is(dateReading(clockless(undefined), now, live.clock).at, now);
});

dating('always answers a moment the hub can write down, whatever a meter claims', () => {
  const u32 = fc.nat(0xffffffff);
  const clock = fc.option(
    fc.record({
      boot: fc.nat(3),
      startedAtMs: fc.integer(),
      source: fc.constant('meter' as const),
    }),
    { nil: undefined },
  );
  const time = fc.record({
    boot: fc.nat(3),
    unixSeconds: u32,
    timeQuality: fc.constantFrom(0 as const, 1 as const, 2 as const),
    uptimeSeconds: fc.option(u32, { nil: undefined }),
  });
  fc.assert(
    fc.property(time, clock, (said, known: BootClock | undefined) => {
      const { at } = dateReading(said, now, known);
      assert.ok(at >= 1_704_067_200_000 && at <= now + 300_000);
    }),
  );
});

dating.run();
