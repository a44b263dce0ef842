import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadingFields } from '../../../gateway/adapters/readings/reading-fields.ts';
import { readPayload } from '../../../gateway/adapters/readings/reading-line.ts';
import { scanReading } from '../../../gateway/adapters/readings/scan-reading.ts';

const scanning = suite('scanning a reading');

const usual =
  '{"v":1,"s":123456,"b":4120478593,"t":1795431446,"tq":2,"up":86400,"p":-1393882,"u":230012,' +
  '"i":6397,"f":50012,"ei":123456789,"ee":98765432,"eg":210987654,"fl":0}';
const signature = `${'A'.repeat(86)}==`;

const scanned = (text: string | Buffer): ReadingFields | undefined => {
  const bytes = Buffer.concat([Buffer.from('1{"'), Buffer.from(text), Buffer.from('}9')]);
  const fields = new ReadingFields();
  return scanReading(bytes, 3, bytes.length - 2, fields) ? fields : undefined;
};
const parsed = (text: string | Buffer): ReadingFields | undefined => {
  const fields = new ReadingFields();
  return readPayload(Buffer.from(text), fields) ? fields : undefined;
};

scanning('reads what the contract shows, with and without a signature', () => {
  assert.equal(scanned(usual), parsed(usual));
  assert.is(scanned(usual)?.powerMw, -1_393_882);
  const signed = usual.replace('}', `,"sig":"${signature}"}`);
  assert.equal(scanned(signed), parsed(signed));
  const bare = '{"v":1,"s":0,"b":0,"t":0,"ei":0,"ee":0}';
  assert.equal(scanned(bare), parsed(bare));
  assert.is(scanned(bare)?.generationMwh, -1, 'not told');
});

scanning('leaves to JSON what a meter of ours never writes', () => {
  for (const text of [
    usual.replace('"s":123456', '"s":123456.0'),
    usual.replace('"s":', '"s": '),
    usual.replace('"s":123456', '"s":0123456'),
    usual.replace('"p":-1393882', '"p":-0'),
    usual.replace('"i":6397', '"i":-6397'),
    usual.replace('"s":123456', '"s":1e3'),
    usual.replace('"fl":0', '"fl":0,"fl":1'),
    usual.replace('"v":1', '"v":2'),
    usual.replace('"tq":2', '"tq":3'),
    usual.replace('"ei":123456789', '"ei":1234567890123456'),
    usual.replace('"v"', '"\\u0076"'),
    usual.replace('"v"', '"V"'),
    usual.replace('"fl":0', '"note":"x"'),
    usual.replace('"ei":123456789,', ''),
    `${usual}}`,
    usual.slice(0, -1),
    '',
    '{}',
    '{',
  ])
    assert.is(scanned(text), undefined, text);
});

/** Texts near a reading: bytes changed, cut out, doubled, or pieces of JSON put in. */
const aDamage = fc.tuple(
  fc.nat({ max: usual.length + 20 }),
  fc.nat({ max: 3 }),
  fc.oneof(
    fc.uint8Array({ minLength: 0, maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('"', ',', ':', '-', '0', '9', '{', '}', '\\', ' ', '"s":1', '1e1', '.5', 'null')
      .map((text) => Buffer.from(text)),
  ),
);

scanning('never reads a damaged text differently from JSON', () => {
  const runs = process.env['JIRANI_TEST_SEEDS'] === 'reduced' ? 60_000 : 1_000_000;
  let read = 0;
  const agrees = fc.property(fc.array(aDamage, { maxLength: 3 }), (damages) => {
    let bytes = Buffer.from(usual);
    for (const [at, cut, put] of damages)
      bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
    const fields = scanned(bytes);
    if (fields === undefined) return;
    read += 1;
    assert.equal(fields, parsed(bytes));
  });
  fc.assert(agrees, { numRuns: runs, seed: 5, endOnFailure: true });
  assert.ok(read > runs / 50, `only ${read} were read`);
});

scanning.run();
