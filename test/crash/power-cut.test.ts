// uncounted: it starts whole programs, again and again
// needs: loop-devices
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cutThePower } from './cut-the-power.ts';

const cutting = suite('cutting the power while readings arrive');

const say = () => {};

cutting('what was acknowledged had reached the disk, also of a file that is new', async () => {
  const found = await cutThePower({ cuts: 2, seed: 21 }, say);
  assert.equal(found.complaints, []);
  assert.is(found.missing, 0);
  assert.ok(found.acknowledged > 100, `only ${found.acknowledged} were acknowledged`);
});

cutting('a hub that does not wait for the disk is found out', async () => {
  const found = await cutThePower({ cuts: 1, seed: 22, mutant: 'lost-in-power-cuts' }, say);
  assert.ok(found.missing > 0);
});

cutting.run();
