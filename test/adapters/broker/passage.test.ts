import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Frames, Unfinished } from '../../../gateway/adapters/broker/frames.ts';
import { type Outside, Passage } from '../../../gateway/adapters/broker/passage.ts';
import type { Visit } from '../../../gateway/adapters/broker/visit.ts';
import { packet } from './said.ts';

const passing = suite('splitting and joining packets');

const aPacket = (length: number): Buffer => packet(0x32, Buffer.alloc(length, length & 0xff));

/** Feeds a stream piece by piece as the front does, and answers the packets found. */
function split(stream: Buffer, pieceBytes: number, bodyBytesMax: number): Buffer[] | string {
  const frames = new Frames(bodyBytesMax);
  const unfinished = new Unfinished(frames);
  const found: Buffer[] = [];
  for (let from = 0; from < stream.length; from += pieceBytes) {
    const piece = stream.subarray(from, from + pieceBytes);
    for (let at = 0; at < piece.length; ) {
      at = unfinished.add(piece, at, piece.length);
      const measured = unfinished.measure();
      if (measured === 'whole') found.push(Buffer.from(unfinished.take()));
      else if (measured !== 'partial') return measured;
    }
  }
  return found;
}

passing('finds every packet, in whatever pieces they arrive', () => {
  const lengths = fc.array(fc.nat(600), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lengths, fc.nat(600), fc.integer({ min: 1, max: 900 }), (all, max, piece) => {
      const packets = all.map(aPacket);
      const found = split(Buffer.concat(packets), piece, max);
      assert.equal(found, Math.max(...all) <= max ? packets : 'too-large');
    }),
  );
});

passing('stops a packet that is too large at its length, and a length that never ends', () => {
  assert.equal(split(aPacket(16_384), 1000, 16_384), [aPacket(16_384)]);
  assert.is(split(aPacket(16_385).subarray(0, 4), 1, 16_384), 'too-large');
  assert.is(split(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x80]), 1, 2 ** 27), 'malformed');
});

passing('keeps hardly more than what has arrived of a packet', () => {
  const unfinished = new Unfinished(new Frames(16_384));
  const large = aPacket(16_000);
  unfinished.add(large, 0, 4);
  assert.ok(unfinished.capacityBytes <= 256, 'whatever its length says');
  let copies = 0;
  for (let at = 4, before = 0; at < large.length; at++) {
    unfinished.add(large, at, at + 1);
    if (unfinished.capacityBytes !== before) copies += before;
    before = unfinished.capacityBytes;
  }
  assert.is(unfinished.measure(), 'whole');
  assert.ok(copies < 2 * large.length, `${copies} bytes were copied again`);
});

passing('writes nothing of a packet that aedes has begun until it is whole', () => {
  const spoken: string[] = [];
  const outside = {
    speak: (packets: Buffer, done: () => void) => {
      spoken.push(packets.toString('hex'));
      done();
    },
    left: () => {},
  } as unknown as Outside;
  const passage = new Passage({} as Visit, outside);
  passage.write(Buffer.from('d000300a', 'hex'));
  assert.equal(spoken, ['d000']);
  passage.write(Buffer.from('0001610102030405', 'hex'));
  assert.equal(spoken, ['d000']);
  passage.write(Buffer.from('060740020001', 'hex'));
  assert.equal(spoken, ['d000', '300a0001610102030405060740020001']);
  passage.destroy();
});

passing.run();
