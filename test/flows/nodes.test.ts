// needs: flows

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gateNodes } from '../../flows/nodes/lib/gate.ts';
import { hubNode } from '../../flows/nodes/lib/hub.ts';
import { inNodes } from '../../flows/nodes/lib/in.ts';
import type { FlowNode, HubAccess, Message, NodeRed } from '../../flows/nodes/lib/node-red.ts';
import { outNodes } from '../../flows/nodes/lib/out.ts';
import { aBroker, aWillingSink } from '../adapters/broker/given.ts';

type Helper = {
  init(path: string): void;
  startServer(done: () => void): void;
  stopServer(done: () => void): void;
  load(nodes: readonly ((red: NodeRed) => void)[], flow: readonly object[]): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): FlowNode & { receive(message: object): void };
  settings(settings: object): void;
};

const require = createRequire(join(import.meta.dirname, '../../flows/package.json'));
const helper = require('node-red-node-test-helper') as Helper;
helper.init(require.resolve('node-red'));

const all = [hubNode, inNodes, gateNodes, outNodes];
const hub = { id: 'hub', type: 'jirani-hub' };
const catcher = { id: 'got', type: 'helper' };

/** Our nodes in a runtime of their own, beside a real broker with its real rights. */
async function withNodes(
  nodes: readonly object[],
  act: (parts: {
    broker: Awaited<ReturnType<typeof aBroker>>;
    heard: { topic: string; body: Record<string, unknown> }[];
    until: (isSo: () => boolean) => Promise<void>;
  }) => Promise<void>,
  differs: Partial<HubAccess> = {},
): Promise<void> {
  const heard: { topic: string; body: Record<string, unknown> }[] = [];
  using sink = aWillingSink();
  await using broker = await aBroker(sink, {
    hear: (topic, payload) =>
      void heard.push({ topic, body: JSON.parse(new TextDecoder().decode(payload)) }),
  });
  const access: HubAccess = {
    ...{
      mqttUrl: `mqtt://127.0.0.1:${broker.port}`,
      username: 'flows',
      password: 'secret of flows',
    },
    ...{ apiUrl: 'http://127.0.0.1:1', apiToken: 'none' },
    ...differs,
  };
  await new Promise<void>((resolve) => helper.startServer(resolve));
  helper.settings({ jirani: access });
  const until = async (isSo: () => boolean) => {
    for (let tries = 0; !isSo(); tries++) {
      if (tries > 1_000) throw new Error(`never; heard ${JSON.stringify(heard)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  try {
    await helper.load(all, [hub, ...nodes]);
    await until(() => heard.some(({ topic }) => topic === 'flows/gates'));
    await act({ broker, heard, until });
  } finally {
    await helper.unload();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
  }
}

/** Everything that reached the catcher. */
function caught(): Message[] {
  const messages: Message[] = [];
  helper.getNode('got').on('input', (message) => void messages.push(message));
  return messages;
}

const proposal = {
  ...{ v: 1, id: 'p1', household: 'clinic', slot: 1, energyWh: 5_000, lotWh: 1_000 },
  ...{ centsPerKwh: 1_500, closesInMs: 3_000, gates: ['fridge'] },
};

const nodes = suite('our nodes in Node-RED');

nodes('a named proposal registers a gate, and hears what that gate is asked', async () => {
  const gate = {
    ...{ id: 'in', type: 'jirani-proposal', hub: 'hub', gate: 'Fridge', households: 'clinic' },
    ...{ onSilence: 'hold', wires: [['got']] },
  };
  await withNodes([gate, catcher], async ({ broker, heard, until }) => {
    const isRegistered = () => heard.some(({ body }) => JSON.stringify(body).includes('fridge'));
    await until(isRegistered);
    assert.equal(heard.at(-1)?.body, {
      v: 1,
      gates: [{ name: 'fridge', scope: ['clinic'], onSilence: 'hold' }],
    });
    const messages = caught();
    broker.announce('proposals/p0/open', { ...proposal, id: 'p0', gates: ['other'] });
    broker.announce('proposals/p1/open', proposal);
    await until(() => messages.length > 0);
    assert.is(messages[0]?.proposal?.id, 'p1', 'a proposal that is not asked about stays away');
    assert.is(messages[0]?.gate, 'fridge');
  });
});

nodes('a decision says what the flow said, and nothing that makes it bigger', async () => {
  const out = { id: 'out', type: 'jirani-decision', hub: 'hub' };
  await withNodes([out], async ({ heard, until }) => {
    const node = helper.getNode('out');
    const decisions = () => heard.filter(({ topic }) => topic === 'proposals/p1/decision');
    for (const payload of [9_000, 'sell', { energyWh: 6_000 }])
      node.receive({ proposal, gate: 'fridge', payload });
    node.receive({ payload: 'veto' });
    node.receive({ proposal, gate: 'fridge', payload: { keepWh: 2_000 }, reason: 'clouds' });
    await until(() => decisions().length > 0);
    assert.equal(
      decisions().map(({ body }) => body),
      [{ v: 1, decision: 'shrink', energyWh: 3_000, reason: 'clouds', gate: 'fridge' }],
    );
  });
});

nodes('a listener hears its own topic, and only the households that it wants', async () => {
  const reading = {
    ...{ id: 'in', type: 'jirani-reading', hub: 'hub', households: 'clinic', wires: [['got']] },
  };
  await withNodes([reading, catcher], async ({ broker, until }) => {
    const messages = caught();
    const announce = () => {
      broker.announce('households/school/reading', { v: 1, powerW: 1 });
      broker.announce('households/clinic/surplus', { v: 1, energyWh: 1 });
      broker.announce('households/clinic/reading', { v: 1, powerW: 120 });
    };
    announce();
    await until(() => messages.length > 0);
    assert.equal(
      messages.map(({ payload }) => payload),
      [{ v: 1, powerW: 120 }],
    );
    assert.is(messages[0]?.['household'], 'clinic');
  });
});

nodes('payment and transfer see their own steps of a trade', async () => {
  const both = [
    { id: 'pay', type: 'jirani-payment', hub: 'hub', wires: [['got']] },
    { id: 'move', type: 'jirani-transfer', hub: 'hub', wires: [['moved']] },
    ...[catcher, { id: 'moved', type: 'helper' }],
  ];
  await withNodes(both, async ({ broker, until }) => {
    const payments = caught();
    const transfers: Message[] = [];
    helper.getNode('moved').on('input', (message) => void transfers.push(message));
    for (const event of ['trade.paid', 'tokens.sent', 'tokens.settled', 'trade.closed'])
      broker.announce('trades/t1/state', { v: 1, id: 't1', state: 'x', event });
    await until(() => payments.length === 2 && transfers.length === 2);
  });
});

nodes('two nodes with one filter: when one leaves, the other still hears', async () => {
  const twice = ['one', 'two'].map((id) => ({
    ...{ id, type: 'jirani-market', hub: 'hub', wires: [['got']] },
  }));
  await withNodes([...twice, catcher], async ({ broker, until }) => {
    const messages = caught();
    const one = helper.getNode('one') as unknown as { close(): Promise<void> };
    await one.close();
    broker.announce('market/rate', { v: 1, centsPerKwh: 1_500 });
    await until(() => messages.length > 0);
    assert.is(messages.length, 1);
  });
});

nodes('a card goes to the household that the message came from', async () => {
  const card = {
    ...{ id: 'card', type: 'jirani-card', hub: 'hub', household: '', card: 'To spare' },
    ...{ titleEn: 'To spare', titleSw: 'Ziada', unit: 'Wh' },
  };
  await withNodes([card], async ({ heard, until }) => {
    const node = helper.getNode('card');
    node.receive({ payload: 1, household: '../trades' });
    node.receive({ payload: {}, household: 'clinic' });
    node.receive({ payload: 1_200, household: 'clinic' });
    const cards = () => heard.filter(({ topic }) => topic.includes('/card/'));
    await until(() => cards().length > 0);
    assert.equal(
      cards().map(({ topic, body }) => [topic, body['value']]),
      [['households/clinic/card/to-spare', 1_200]],
    );
  });
});

nodes('history asks the hub with the flows’ own token', async () => {
  const asked: { url: string; token: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', token: request.headers.authorization });
    response.end('{"rollups":[]}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const history = {
    ...{ id: 'ask', type: 'jirani-history', hub: 'hub', meter: 'm1', hours: 24, wires: [['got']] },
  };
  await withNodes(
    [history, catcher],
    async ({ until }) => {
      const messages = caught();
      helper.getNode('ask').receive({ payload: 'now' });
      await until(() => messages.length > 0);
      assert.equal(messages[0]?.payload, { rollups: [] });
      assert.match(asked[0]?.url ?? '', /^\/api\/readings\?meter=m1&resolution=1h&from=/);
      assert.is(asked[0]?.token, 'Bearer to look');
    },
    { apiUrl, apiToken: 'to look' },
  );
  server.close();
});

nodes.run();
