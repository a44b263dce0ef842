import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { watchPacketSizes } from '../../../gateway/adapters/broker/packet-sizes.ts';

const sizing = suite('watching the size of packets');

function aPacket(length: number): Buffer {
  const header = [0x32];
  let rest = length;
  do {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), Buffer.alloc(length, 0xff)]);
}

sizing('lets the largest packet pass and stops the next larger at its header', () => {
  assert.ok(watchPacketSizes(16_384)(aPacket(16_384)));
  assert.not.ok(watchPacketSizes(16_384)(aPacket(16_385).subarray(0, 4)));
});

sizing('stops a length that never ends', () => {
  assert.not.ok(watchPacketSizes(2 ** 30)(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x80])));
});

sizing('does not mind in which pieces packets arrive', () => {
  const lengths = fc.array(fc.nat(300), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(lengths, fc.nat(300), fc.integer({ min: 1, max: 50 }), (all, max, piece) => {
      const isSmall = watchPacketSizes(max);
      const stream = Buffer.concat(all.map(aPacket));
      let fine = true;
      for (let at = 0; fine && at < stream.length; at += piece) {
        fine = isSmall(stream.subarray(at, at + piece));
      }
      assert.is(fine, Math.max(...all) <= max);
    }),
  );
});

sizing.run();
