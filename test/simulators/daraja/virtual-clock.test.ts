import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { virtualClock } from '../../../gateway/simulators/daraja/virtual-clock.ts';

const standing = suite('a clock that stands still');

standing('does what is due on its way in its order, each at its own moment', () => {
  const clock = virtualClock(1_000);
  const done: string[] = [];
  const say = (name: string) => () => void done.push(`${name} ${clock.now()}`);
  clock.at(1_300, say('late'));
  clock.at(1_100, say('first'));
  clock.at(1_100, say('second'));
  clock.at(1_200, () => clock.at(clock.now() + 50, say('born on the way')));
  clock.at(1_401, say('not yet'));
  clock.advance(400);
  assert.equal(done, ['first 1100', 'second 1100', 'born on the way 1250', 'late 1300']);
  assert.is(clock.now(), 1_400);
  clock.advance(1);
  assert.is(done.at(-1), 'not yet 1401');
});

standing('forgets what was called off', () => {
  const clock = virtualClock(0);
  const done: string[] = [];
  clock.at(10, () => done.push('never'))();
  clock.advance(20);
  assert.equal(done, []);
});

standing('is never behind what it does, also after somebody set it back or ahead', () => {
  const clock = virtualClock(10_000);
  const at: number[] = [];
  clock.at(11_000, () => at.push(clock.now()));
  clock.set(0);
  clock.advance(5_000);
  assert.equal(at, []);
  clock.set(20_000);
  clock.advance(0);
  assert.equal(at, [20_000]);
});

standing.run();
