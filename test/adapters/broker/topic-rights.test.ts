import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isWithin, isWithinAny, rightsOf } from '../../../gateway/adapters/broker/topic-rights.ts';
import type { MeterId } from '../../../gateway/core/ids.ts';

const rights = suite('who may say and hear what');

rights('grant a filter only when all that it can match is granted', () => {
  const cases: [string, string, boolean][] = [
    ['a/b', 'a/b', true],
    ['a/+', 'a/b', false],
    ['a/b', 'a/+', true],
    ['a/+', 'a/+', true],
    ['a/#', 'a/+', false],
    ['a/b/c', 'a/#', true],
    ['a/+/#', 'a/#', true],
    ['a', 'a/#', true],
    ['+/b', 'a/#', false],
    ['#', 'a/#', false],
    ['ab/c', 'a/#', false],
    ['a/b/c', 'a/+', false],
    ['a', 'a/+', false],
    ['a/', 'a/+', true],
  ];
  for (const [filter, allowed, expected] of cases) {
    assert.is(isWithin(filter, allowed), expected, `${filter} within ${allowed}`);
  }
});

rights('let a meter hear itself and the time, and nothing of its neighbours', () => {
  const { publish, subscribe } = rightsOf({ kind: 'meter', meter: 'm1' as MeterId });
  const hears = (topic: string) => isWithinAny(`jirani/v1/${topic}`, subscribe);
  assert.ok(hears('meters/m1/cmd/#') && hears('meters/m1/cmd/relay') && hears('time'));
  assert.not.ok(hears('meters/+/cmd/relay') || hears('meters/m2/cmd/relay') || hears('#'));
  assert.not.ok(hears('meters/m10/cmd/relay') || hears('trades/#'));
  const says = (topic: string) => isWithinAny(`jirani/v1/${topic}`, publish);
  assert.ok(says('meters/m1/status') && says('meters/m1/ack/17'));
  assert.not.ok(says('meters/m1/cmd/relay') || says('meters/m2/status') || says('time'));
});

rights('let Home Assistant see what is shown of meters, and say only that it is there', () => {
  const { publish, retain, subscribe } = rightsOf({ kind: 'display' });
  const hears = (topic: string) => isWithinAny(topic, subscribe);
  assert.ok(hears('homeassistant/+/+/config') && hears('homeassistant/status'));
  assert.ok(hears('jirani/v1/meters/+/status') && hears('jirani/v1/meters/m1/display'));
  assert.not.ok(hears('jirani/v1/meters/m1/info') || hears('jirani/v1/meters/+/cmd/relay'));
  assert.not.ok(hears('jirani/v1/households/#') || hears('#') || hears('jirani/v1/#'));
  assert.equal([publish, retain], [['homeassistant/status'], []]);
});

rights('let flows decide and add cards, and hear no meter', () => {
  const { publish, subscribe } = rightsOf({ kind: 'flows' });
  const says = (topic: string) => isWithinAny(`jirani/v1/${topic}`, publish);
  assert.ok(says('proposals/p1/decision') && says('flows/gates') && says('flows/heartbeat'));
  assert.ok(says('households/h1/card/sun'));
  assert.not.ok(says('proposals/p1/open') || says('trades/t1/state') || says('flows/other'));
  const hears = (topic: string) => isWithinAny(`jirani/v1/${topic}`, subscribe);
  assert.ok(hears('proposals/+/open') && hears('board/#') && hears('households/#'));
  assert.not.ok(hears('#') || hears('+/p1/open') || hears('meters/#') || hears('time'));
});

rights.run();
