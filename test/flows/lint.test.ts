import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FlowNode } from '../../flows/flow-file.ts';
import { lint } from '../../flows/lint.ts';

const linting = suite('looking a flow over');

const known = new Set([
  ...['tab', 'function', 'debug', 'link in', 'link out', 'ui-template', 'mqtt-broker'],
  ...['jirani-hub', 'jirani-proposal', 'jirani-reading', 'jirani-board', 'exec', 'subflow'],
]);

const sound: FlowNode[] = [
  { id: 'hub', type: 'jirani-hub' },
  { id: 't', type: 'tab' },
  { id: 'in', type: 'jirani-proposal', z: 't', hub: 'hub', wires: [['fn']] },
  { id: 'fn', type: 'function', z: 't', func: 'return msg;', timeout: 1, wires: [['out']] },
  { id: 'out', type: 'debug', z: 't', wires: [] },
  { id: 'sums', type: 'jirani-board', z: 't', hub: 'hub', wires: [['view']] },
  { id: 'view', type: 'ui-template', z: 't', passthru: false, wires: [[]] },
];

const changed = (id: string, change: object): FlowNode[] =>
  sound.map((node) => (node.id === id ? { ...node, ...change } : node));
const added = (...nodes: FlowNode[]): FlowNode[] => [...sound, ...nodes];

linting('finds nothing in a sound one', () => assert.equal(lint(sound, known), []));

const faults: readonly (readonly [string, RegExp, FlowNode[]])[] = [
  ['two nodes with one id', /^out: two nodes/, added({ id: 'out', type: 'debug', z: 't' })],
  ['a node on no tab', /^out: lies on no tab/, changed('out', { z: 'gone' })],
  ['a wire to nowhere', /^fn: is wired to gone/, changed('fn', { wires: [['gone']] })],
  ['a node without a hub', /^in: has no hub/, changed('in', { hub: 'gone' })],
  ['a type that nobody knows', /^out: nobody knows/, changed('out', { type: 'debgu' })],
  ['a subflow that is not here', /^out: nobody knows/, changed('out', { type: 'subflow:gone' })],
  ['a program that is started', /^out: exec is not for/, changed('out', { type: 'exec' })],
  ['a file that is read', /^out: file in is not/, changed('out', { type: 'file in' })],
  ['a socket that is opened', /^out: tcp request is not/, changed('out', { type: 'tcp request' })],
  ['a call to the internet', /^out: http request is not/, changed('out', { type: 'http request' })],
  ['a function without a timeout', /^fn: a function needs/, changed('fn', { timeout: 0 })],
  ['a function that is no code', /^fn: Unexpected/, changed('fn', { func: 'return (;' })],
  ['a template that passes through', /^view: a ui-template/, changed('view', { passthru: true })],
  [
    'a foreign broker',
    /^b: the only broker/,
    added({ id: 'b', type: 'mqtt-broker', broker: 'example.org' }),
  ],
  ['a proposal on the dashboard', /^in: what is private/, changed('out', { wires: [['view']] })],
  [
    'a meter on the dashboard by a link',
    /^m: what is private reaches the dashboard \(view\)/,
    added(
      { id: 'm', type: 'jirani-reading', z: 't', hub: 'hub', wires: [['lo']] },
      { id: 'lo', type: 'link out', z: 't', links: ['li'], wires: [] },
      { id: 'li', type: 'link in', z: 't', links: ['lo'], wires: [['view']] },
    ),
  ],
];

for (const [what, expected, flow] of faults)
  linting(`finds ${what}`, () => {
    const found = lint(flow, known);
    assert.is(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  });

linting.run();
