import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FlowNode } from '../../flows/flow-file.ts';
import { fingerprint, upgrade } from '../../flows/upgrade.ts';

const upgrading = suite('bringing newer flows to a keeper');

const tab = (id: string, ...nodes: FlowNode[]): FlowNode[] => [
  { id, type: 'tab', label: id, disabled: true },
  ...nodes.map((node) => ({ ...node, z: id })),
];
const fridge = tab('fridge', { id: 'f1', type: 'switch', value: 150, x: 10, y: 10 });
const cloudy = tab('cloudy', { id: 'c1', type: 'switch', value: 3_500, x: 10, y: 10 });
const newerFridge = tab('fridge', { id: 'f1', type: 'switch', value: 200, x: 10, y: 10 });
const own = tab('own', { id: 'o1', type: 'debug' });

const first = upgrade([], {}, [...fridge, ...cloudy]);
const edited = (flows: readonly FlowNode[], id: string, change: object): FlowNode[] =>
  flows.map((node) => (node.id === id ? { ...node, ...change } : node));
const numberIn = (flows: readonly FlowNode[], id: string) =>
  flows.find((node) => node.id === id)?.['value'];

upgrading('the first start takes all', () => {
  assert.equal(first.flows, [...fridge, ...cloudy]);
  assert.equal(first.added, ['fridge', 'cloudy']);
});

upgrading('what nobody touched becomes the newer one', () => {
  const { flows, updated } = upgrade(first.flows, first.shipped, [...newerFridge, ...cloudy]);
  assert.is(numberIn(flows, 'f1'), 200);
  assert.equal(updated, ['fridge']);
});

upgrading('what the keeper edited stays, and the newer one is offered', () => {
  const mine = edited(first.flows, 'f1', { value: 99 });
  const { flows, offered } = upgrade(mine, first.shipped, [...newerFridge, ...cloudy]);
  assert.is(numberIn(flows, 'f1'), 99);
  assert.equal(offered, ['fridge']);
});

upgrading('an edited tab stays the keeper’s for ever', () => {
  const mine = edited(first.flows, 'f1', { value: 99 });
  const once = upgrade(mine, first.shipped, [...newerFridge, ...cloudy]);
  const newest = tab('fridge', { id: 'f1', type: 'switch', value: 300 });
  const twice = upgrade(once.flows, once.shipped, [...newest, ...cloudy]);
  assert.is(numberIn(twice.flows, 'f1'), 99);
});

upgrading('a tab that was thrown away does not come back', () => {
  const { flows } = upgrade(cloudy, first.shipped, [...newerFridge, ...cloudy]);
  assert.equal(flows, cloudy);
});

upgrading('moving, and the order of keys and nodes, is no edit', () => {
  const moved = edited(first.flows, 'f1', { x: 500, y: 7 }).map(
    (node) => Object.fromEntries(Object.entries(node).reverse()) as FlowNode,
  );
  const shuffled = moved.toReversed();
  const { flows, updated } = upgrade(shuffled, first.shipped, [...newerFridge, ...cloudy]);
  assert.is(numberIn(flows, 'f1'), 200);
  assert.equal(updated, ['fridge']);
});

upgrading('a tab that was switched on stays on, whatever comes', () => {
  const on = edited(first.flows, 'fridge', { disabled: false });
  const { flows } = upgrade(on, first.shipped, [...newerFridge, ...cloudy]);
  assert.is(numberIn(flows, 'f1'), 200);
  assert.is(flows.find(({ id }) => id === 'fridge')?.['disabled'], false);
});

upgrading('the keeper’s own tabs are nobody’s business; a new one comes beside them', () => {
  const mine = [...own, ...fridge];
  const base = upgrade([], {}, fridge).shipped;
  const { flows, added } = upgrade(mine, base, [...fridge, ...cloudy]);
  assert.equal(flows, [...own, ...fridge, ...cloudy]);
  assert.equal(added, ['cloudy']);
});

upgrading('twice changes nothing', () => {
  const mine = edited([...own, ...first.flows], 'c1', { value: 1 });
  const once = upgrade(mine, first.shipped, [...newerFridge, ...cloudy]);
  const twice = upgrade(once.flows, once.shipped, [...newerFridge, ...cloudy]);
  assert.equal([twice.flows, twice.shipped], [once.flows, once.shipped]);
  assert.equal([twice.added, twice.updated], [[], []]);
});

upgrading('a changed value is another fingerprint', () => {
  assert.is.not(fingerprint(fridge), fingerprint(newerFridge));
});

upgrading.run();
