import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FlowNode } from '../../flows/flow-file.ts';
import { prepare } from '../../flows/prepare.ts';

const preparing = suite('before Node-RED starts');

const known = new Set(['tab', 'debug', 'jirani-hub', 'subflow']);
const shipped: FlowNode[] = [
  { id: 'hub', type: 'jirani-hub' },
  { id: 'a', type: 'tab', label: 'A' },
  { id: 'a1', type: 'debug', z: 'a' },
];

/** A package that ships one tab, and a keeper's folder. */
function aKeeper(content: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-prepare-'));
  const [flowsFolder, state] = [join(folder, 'flows'), join(folder, 'state')];
  mkdirSync(join(flowsFolder, 'shipped'), { recursive: true });
  mkdirSync(state);
  writeFileSync(join(flowsFolder, 'shipped/00.json'), JSON.stringify(shipped));
  for (const [name, text] of Object.entries(content)) {
    mkdirSync(join(state, name, '..'), { recursive: true });
    writeFileSync(join(state, name), text);
  }
  const idsIn = (name: string) =>
    (JSON.parse(readFileSync(join(state, name), 'utf8')) as FlowNode[]).map(({ id }) => id);
  return {
    state,
    prepare: (types: ReadonlySet<string> = known) => prepare(state, flowsFolder, types),
    ids: () => idsIn('flows.json'),
    waiting: () => idsIn('flows.waiting.json'),
    has: (name: string) => existsSync(join(state, name)),
    write: (name: string, text: string) => writeFileSync(join(state, name), text),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const mine = JSON.stringify([...shipped, { id: 'own', type: 'tab' }]);

preparing('a new hub gets what is shipped', () => {
  using keeper = aKeeper();
  const { restoredFrom, added } = keeper.prepare();
  assert.equal(keeper.ids(), ['hub', 'a', 'a1']);
  assert.equal([restoredFrom, added], [undefined, ['hub', 'a']]);
});

for (const [what, text] of [
  ['an empty', ''],
  ['a cut off', mine.slice(0, 40)],
  ['a strange', '{"flows":[]}'],
] as const) {
  preparing(`${what} flows file is restored from Node-RED’s own copy`, () => {
    using keeper = aKeeper({ 'flows.json': text, '.flows.json.backup': mine });
    assert.is(keeper.prepare().restoredFrom, '.flows.json.backup');
    assert.ok(keeper.ids().includes('own'));
  });

  preparing(`${what} flows file is restored from ours when both were cut off`, () => {
    using keeper = aKeeper({
      ...{ 'flows.json': text, '.flows.json.backup': text, 'flows.kept.json': mine },
    });
    assert.is(keeper.prepare().restoredFrom, 'flows.kept.json');
    assert.ok(keeper.ids().includes('own'));
  });

  preparing(`${what} flows file without any copy becomes what is shipped`, () => {
    using keeper = aKeeper({ 'flows.json': text, 'flows.shipped.json': '{"a":"thrown away"}' });
    assert.is(keeper.prepare().restoredFrom, 'shipped');
    assert.equal(keeper.ids(), ['hub', 'a', 'a1']);
  });
}

preparing('a tab with a type that is not here waits, and the others start', () => {
  using keeper = aKeeper({
    'flows.json': JSON.stringify([
      ...shipped,
      { id: 'b', type: 'tab' },
      { id: 'b1', type: 'ui-gauge', z: 'b' },
    ]),
  });
  const { missing } = keeper.prepare();
  assert.equal(missing, ['ui-gauge']);
  assert.equal(keeper.ids(), ['hub', 'a', 'a1']);
  assert.equal(keeper.waiting(), ['b', 'b1']);
});

preparing('what waited comes back with its type, and is not taken for thrown away', () => {
  using keeper = aKeeper();
  keeper.prepare(new Set(['tab', 'jirani-hub']));
  assert.equal([keeper.ids(), keeper.waiting()], [['hub'], ['a', 'a1']]);
  keeper.prepare(new Set(['tab', 'jirani-hub']));
  const { added } = keeper.prepare();
  assert.equal([keeper.ids(), keeper.waiting()], [['hub', 'a', 'a1'], []]);
  assert.equal(added, []);
});

preparing('an instance of a subflow waits with the subflow that it is of', () => {
  const flow = [
    { id: 's', type: 'subflow' },
    { id: 's1', type: 'unknown-thing', z: 's' },
    { id: 'b', type: 'tab' },
    { id: 'b1', type: 'subflow:s', z: 'b' },
  ];
  using keeper = aKeeper({ 'flows.json': JSON.stringify([...shipped, ...flow]) });
  keeper.prepare();
  assert.equal(keeper.waiting().sort(), ['b', 'b1', 's', 's1']);
});

preparing('broken credentials and contexts are moved out of the way', () => {
  using keeper = aKeeper({
    ...{ 'flows.json': mine, 'flows_cred.json': '{"$":"a', 'context/global/global.json': '{' },
    '.config.runtime.json': '',
  });
  assert.equal(keeper.prepare().movedAway.toSorted(), [
    '.config.runtime.json',
    'context/global/global.json',
    'flows_cred.json',
  ]);
  assert.ok(keeper.has('flows_cred.json.broken') && !keeper.has('flows_cred.json'));
});

preparing('twice writes nothing', () => {
  using keeper = aKeeper({ 'flows.json': mine });
  keeper.prepare();
  const before = readFileSync(join(keeper.state, 'flows.json'), 'utf8');
  const again = keeper.prepare();
  assert.equal([again.added, again.updated, again.offered], [[], [], []]);
  assert.is(readFileSync(join(keeper.state, 'flows.json'), 'utf8'), before);
});

preparing.run();
