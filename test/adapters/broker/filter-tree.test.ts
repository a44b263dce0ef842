import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FilterTree } from '../../../gateway/adapters/broker/filter-tree.ts';
import type { Qos } from '../../../gateway/adapters/broker/packets.ts';
import { isWithin } from '../../../gateway/adapters/broker/topic-rights.ts';

const wanting = suite('who wants a topic');

const level = fc.constantFrom('a', 'b', '');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, hasHash]) => [...levels, ...(hasHash ? ['#'] : [])].join('/'));
const wish = fc.record({
  filter,
  owner: fc.constantFrom('corner', 'kiosk', 'school'),
  qos: fc.constantFrom<Qos>(0, 1, 2),
  isTakenBack: fc.boolean(),
});

type Wish = { filter: string; owner: string; qos: Qos; isTakenBack: boolean };

/** The tree after these wishes, and those that still hold. */
function grown(wishes: readonly Wish[]) {
  const tree = new FilterTree<string>();
  const held = new Map<string, Wish>();
  for (const one of wishes) {
    if (one.isTakenBack) tree.remove(one.filter, one.owner);
    else tree.add(one.filter, one.owner, one.qos);
    held.delete(`${one.owner} ${one.filter}`);
    if (!one.isTakenBack) held.set(`${one.owner} ${one.filter}`, one);
  }
  return { tree, held: [...held.values()] };
}

function asked(held: readonly Wish[], about: string): Map<string, Qos> {
  const highest = new Map<string, Qos>();
  for (const { filter: wanted, owner, qos } of held) {
    if (qos > (highest.get(owner) ?? -1) && isWithin(about, wanted)) highest.set(owner, qos);
  }
  return highest;
}

wanting('is the same as asking everyone, at the highest QoS each of them asked for', () => {
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), fc.array(topic), (wishes, topics) => {
      const { tree, held } = grown(wishes);
      for (const about of topics) assert.equal(tree.wanting(about), asked(held, about), about);
      for (const { filter: wanted, owner } of held) tree.remove(wanted, owner);
      assert.ok(tree.isEmpty, 'nothing is left behind');
    }),
  );
});

wanting.run();
