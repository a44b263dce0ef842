import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { unpackReadings } from '../../../gateway/adapters/readings/answers.ts';
import { aDiskBoard } from '../../../gateway/adapters/readings/disk-board.ts';
import { verdicts } from '../../../gateway/adapters/readings/messages.ts';
import { PayloadBatch } from '../../../gateway/adapters/readings/payload-batch.ts';
import { ReadingsFile } from '../../../gateway/adapters/readings/readings-file.ts';
import { storedReadings } from '../../../gateway/adapters/readings/stored-readings.ts';
import { dayMs, hourMs } from '../../../gateway/core/slot.ts';
import { epochMs } from '../../../gateway/core/units.ts';
import type { Verdict } from '../../../gateway/ports/readings.ts';
import {
  aFile,
  aReading,
  corner,
  offered,
  onDisk,
  opened,
  storedSequences,
  tenOClock,
  until,
} from './given.ts';

const living = suite('the lives of a meter');

/** What befalls a meter and its hub. */
const anEvent = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('next' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('skip' as const), by: fc.nat({ max: 9 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('late' as const), back: fc.nat({ max: 12 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('resend' as const), back: fc.nat({ max: 12 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('forge' as const), back: fc.nat({ max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fall' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reboot' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hour' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clockless' as const) }) },
);
type Event = typeof anEvent extends fc.Arbitrary<infer Value> ? Value : never;

/** The payloads that a meter with this life sends; the hub may be restarted after any of them. */
function payloadsOf(events: readonly Event[]): { payload: Buffer; hours: number }[] {
  const sent: { payload: Buffer; hours: number }[] = [];
  let [s, boot, hours] = [10, 7, 0];
  const send = (sequence: number, differs: Record<string, unknown> = {}): void => {
    sent.push({ payload: aReading(sequence, { b: boot, ...differs }), hours });
  };
  for (const event of events) {
    switch (event.kind) {
      case 'next':
        send(s++);
        break;
      case 'skip':
        s += event.by;
        break;
      case 'late':
      case 'resend':
        send(Math.max(0, s - 1 - event.back));
        break;
      case 'forge':
        send(Math.max(0, s - 1 - event.back), { p: 1 });
        break;
      case 'fall':
        send(s++, { ei: 1 });
        break;
      case 'reboot':
        boot += 1;
        break;
      case 'hour':
        hours += 1;
        break;
      case 'clockless':
        send(s++, { t: 0, tq: 0 });
        break;
    }
  }
  return sent;
}

/** The writer of the file without its thread: it is closed and opened again often. */
function aWriter(file: string) {
  const writer = new ReadingsFile({
    ...{ file, fileBytesMax: undefined, durability: 'on-disk', board: aDiskBoard() },
    retentionDays: { raw: 400, minute: 31, quarter: 1100 },
  });
  let introductions = [{ number: 0, meter: corner, publicKey: undefined }];
  const batch = new PayloadBatch();
  return {
    write: (payload: Buffer, now: number): Verdict => {
      batch.add(0, payload, 0, payload.length, now);
      const message = {
        kind: 'batch',
        number: 0,
        introductions,
        ...batch.take(undefined),
      } as const;
      introductions = [];
      void writer.forgedIn(message);
      const outcome = writer.write(message, undefined);
      if (!('verdicts' in outcome)) throw new Error(outcome.refused);
      return verdicts[outcome.verdicts[0] as number] as Verdict;
    },
    passTo: (now: number): void => {
      writer.passTo(now);
      while (writer.step() === true);
    },
    all: () => {
      const question = { from: epochMs(0), to: epochMs(tenOClock * 2), limit: 1000 };
      return unpackReadings(writer.answer({ name: 'between', meter: corner, ...question }));
    },
    [Symbol.dispose]: () => writer.close(),
  };
}

/** The verdicts of a hub that is closed and opened again before every payload whose turn is in `restarts`. */
async function verdictsOf(
  payloads: ReturnType<typeof payloadsOf>,
  restarts: ReadonlySet<number>,
): Promise<{ verdicts: Verdict[]; stored: string[] }> {
  await using disk = await aFile();
  let writer = aWriter(disk.file);
  const told: Verdict[] = [];
  for (const [turn, { payload, hours }] of payloads.entries()) {
    const now = tenOClock + (3 + hours) * hourMs + turn;
    writer.passTo(now);
    if (restarts.has(turn)) {
      writer[Symbol.dispose]();
      writer = aWriter(disk.file);
    }
    told.push(writer.write(payload, now));
  }
  const all = writer.all();
  writer[Symbol.dispose]();
  const stored = [...storedReadings(disk.file)];
  const line = ({ sequence, at, importMwh }: (typeof stored)[number]) =>
    `${sequence} ${at} ${importMwh}`;
  assert.equal(all.map(line).sort(), stored.map(line).sort(), 'hub and file say the same');
  return { verdicts: told, stored: stored.map(({ sequence }) => `${sequence}`).sort() };
}

living('end the same whether or not the hub restarts in between', async () => {
  const runs = process.env['JIRANI_TEST_SEEDS'] === 'reduced' ? 15 : 500;
  const same = fc.asyncProperty(
    fc.array(anEvent, { minLength: 5, maxLength: 40 }),
    fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
    async (events, turns) => {
      const payloads = payloadsOf(events);
      const steady = await verdictsOf(payloads, new Set());
      const shaken = await verdictsOf(payloads, new Set(turns));
      assert.equal(shaken.stored, steady.stored);
      assert.is(new Set(shaken.stored).size, shaken.stored.length, 'nothing twice');
      const kept = steady.verdicts.map((verdict) => verdict.kept && !verdict.duplicate);
      assert.equal(
        shaken.verdicts.map((verdict) => verdict.kept && !verdict.duplicate),
        kept,
      );
    },
  );
  await fc.assert(same, { numRuns: runs, seed: 3 });
});

living(
  'lose no energy with lost messages: what registers say at slots is what they rose',
  async () => {
    await using disk = await aFile();
    await using readings = await opened(disk.file);
    const lost = new Set([20, 21, 22, 60, 88, 89, 90, 91, 92, 150]);
    for (let s = 0; s <= 200; s++) if (!lost.has(s)) await offered(readings, aReading(s));
    const slot = tenOClock / 900_000;
    const registers = [1, 2].map((n) => readings.registersAt((slot + n) as never)[0]?.importMwh);
    assert.equal(registers, [9000, 18_000], 'the ninetieth reading was lost, its energy was not');
  },
);

living('never take a meter that was reset for one that repeats itself', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  for (let s = 0; s < 300; s++) await offered(readings, aReading(s, { ei: s }));
  const again = { t: tenOClock / 1000 + 4000, b: 99, up: 10 };
  for (const s of [0, 5, 20])
    assert.equal(await offered(readings, aReading(s, { ei: s, ...again })), {
      kept: false,
      reason: 'replayed-with-other-content',
    });
});

living('lose nothing to a link that flaps more often than gaps are remembered', async () => {
  await using disk = await aFile();
  let now = epochMs(tenOClock + 3 * hourMs);
  const open = () => opened(disk.file, { now: () => now });
  const numbers = Array.from({ length: 700 }, (_, s) => s);
  {
    await using readings = await open();
    for (const s of numbers) if (s % 2 === 1) await offered(readings, aReading(s));
    assert.equal(await offered(readings, aReading(2)), { kept: true, duplicate: false });
    assert.equal(await offered(readings, aReading(1)), { kept: true, duplicate: true });
    assert.equal(await offered(readings, aReading(4, { ei: 1e8 })), {
      kept: false,
      reason: 'impossible-jump',
    });
    now = epochMs(now + hourMs);
    readings.tick();
    await until(() => onDisk(disk.file, 'SELECT * FROM seal').length === 1);
  }
  await using readings = await open();
  const rest = numbers.filter((s) => s % 2 === 0 && s !== 2);
  for (const s of rest)
    assert.equal(await offered(readings, aReading(s)), { kept: true, duplicate: false }, `${s}`);
  for (const s of numbers) assert.is((await offered(readings, aReading(s))).kept, true);
  const stored = storedSequences(disk.file).sort((a, b) => a - b);
  assert.equal(stored, numbers);
});

living('go on after the hub’s clock was days ahead for a moment', async () => {
  await using disk = await aFile();
  let now = epochMs(tenOClock + hourMs);
  await using readings = await opened(disk.file, { now: () => now });
  for (const differs of [{ t: 0, tq: 0, up: undefined }, {}]) {
    const first = differs.t === 0 ? 0 : 1000;
    now = epochMs(tenOClock + 400 * dayMs);
    await offered(readings, aReading(first, { ...differs, t: differs.t ?? now / 1000 }));
    for (let s = first + 1; s < first + 400; s++) {
      now = epochMs(tenOClock + s * 10_000);
      const verdict = await offered(readings, aReading(s, differs));
      assert.equal(verdict, { kept: true, duplicate: false }, `${s}`);
    }
    assert.is(readings.latest().get(corner)?.at, now);
    const slot = Math.floor(now / 900_000) as never;
    assert.is(readings.registersAt(slot).length, 1, 'its energy is counted again');
  }
});

living(
  'never take a meter without a clock that was reset for one that repeats itself',
  async () => {
    await using disk = await aFile();
    await using readings = await opened(disk.file);
    const clockless = { t: 0, tq: 0 };
    for (let s = 0; s < 600; s++) await offered(readings, aReading(s, clockless));
    for (const s of [0, 5, 20])
      assert.equal(await offered(readings, aReading(s, { ...clockless, b: 99, p: 5 })), {
        kept: false,
        reason: 'replayed-with-other-content',
      });
    assert.equal(await offered(readings, aReading(3, clockless)), { kept: true, duplicate: true });
  },
);

living('count on where a register of 32 bits begins again', async () => {
  await using disk = await aFile();
  await using readings = await opened(disk.file);
  const wrap = 2 ** 32;
  await offered(readings, aReading(1, { ei: wrap - 150 }));
  await offered(readings, aReading(2, { ei: wrap - 50 }));
  await offered(readings, aReading(3, { ei: 50 }));
  await offered(readings, aReading(4, { ei: 150 }));
  assert.is(readings.latest().get(corner)?.importMwh, wrap + 150);
  assert.equal(await offered(readings, aReading(4, { ei: 150 })), { kept: true, duplicate: true });
});

living.run();
