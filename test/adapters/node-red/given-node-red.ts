/** A real Node-RED beside real gates, a real broker and a hub whose books are real. */

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker } from '../../../gateway/adapters/broker/start-broker.ts';
import { type OpenGates, openGates } from '../../../gateway/adapters/gates/open-gates.ts';
import type { Patience } from '../../../gateway/adapters/node-red/limits.ts';
import { type NodeRed, openNodeRed } from '../../../gateway/adapters/node-red/open-node-red.ts';
import type { Announcer } from '../../../gateway/ports/announcer.ts';
import { type GivenHub, given } from '../../support/given.ts';
import { corner } from '../../support/neighbourhood.ts';
import { aWillingSink } from '../broker/given.ts';

export const flowsFolder = join(import.meta.dirname, '../../../flows');
const [username, password] = ['jirani.flows', 'the flows’ own password'];
export const editorPassword = 'for the keeper only';

export type FlowEntry = Readonly<Record<string, unknown>> & { id: string; type: string };
export type Heard = { readonly topic: string; readonly text: string };

export type BesideNodeRed = AsyncDisposable & {
  readonly nodeRed: NodeRed;
  readonly hub: GivenHub;
  readonly gates: OpenGates;
  readonly announcer: Announcer;
  /** What flows said. */
  readonly heard: Heard[];
  readonly stateFolder: string;
  readonly folder: string;
  readonly said: string[];
  readonly url: string;
};

/** Less patient than a hub, so that a test need not be. */
const hasty: Partial<Patience> = {
  ...{ askEveryMs: 300, answerMs: 1_500, restartMs: 100, endMs: 2_000 },
};

export async function besideNodeRed(
  flows: readonly FlowEntry[],
  differs: {
    readonly patience?: Partial<Patience>;
    readonly deadlineMs?: number;
    /** Another installation of the flows' package. */
    readonly flowsFolder?: string;
  } = {},
): Promise<BesideNodeRed> {
  await using opening = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'jirani-node-red-'));
  opening.defer(() => rmSync(folder, { recursive: true, force: true }));
  const stateFolder = join(folder, 'flows');
  mkdirSync(stateFolder);
  writeFileSync(join(folder, 'operator-token'), 'a secret of the hub');
  writeFileSync(join(stateFolder, 'flows.json'), JSON.stringify(flows));
  const hub = opening.use(given({ energy: { [corner]: 9_000 } }));
  const heard: Heard[] = [];
  const said: string[] = [];
  const log = {
    ...hub.log,
    info: (message: string, facts?: object) =>
      void said.push(`${message} ${JSON.stringify(facts ?? {})}`),
  };
  const announcer: Announcer = { announce: (...words) => broker.announce(...words) };
  const clock = { ...hub.clock, elapsedMs: () => performance.now() };
  const gates = opening.use(
    openGates({
      ...{ books: hub.books.gates, announcer, clock, log },
      ...(differs.deadlineMs === undefined ? {} : { deadlineMs: differs.deadlineMs }),
    }),
  );
  const sink = opening.use(aWillingSink());
  const broker = opening.use(
    await startBroker({
      ...{ host: '127.0.0.1', port: 0, sink, log, connectionsMax: 20 },
      credentials: {
        keyOf: () => undefined,
        check: (name, given) =>
          name === username && Buffer.from(given).toString() === password
            ? { kind: 'flows' }
            : undefined,
      },
      hear: (topic, payload) => {
        heard.push({ topic, text: new TextDecoder().decode(payload) });
        gates.hear(topic, payload);
      },
    }),
  );
  const port = await freePort();
  const nodeRed = opening.use(
    openNodeRed({
      ...{ flowsFolder: differs.flowsFolder ?? flowsFolder, stateFolder, port, log },
      access: {
        hub: {
          ...{ mqttUrl: `mqtt://127.0.0.1:${broker.port}`, username, password },
          ...{ apiUrl: 'http://127.0.0.1:1', apiToken: 'none' },
        },
        editorPassword,
      },
      patience: { ...hasty, ...differs.patience },
    }),
  );
  const open = opening.move();
  return {
    ...{ nodeRed, hub, gates, announcer, heard, stateFolder, folder, said },
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const patienceMs = 60_000;

/** Waits as long as a busy machine may need; the assertion is that it comes at all. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const startedAt = performance.now();
  while (!isSo()) {
    if (performance.now() - startedAt > patienceMs) throw new Error(`never: ${what}`);
    await sleep(20);
  }
}

/** Flows answer, so all of them have started. */
export const alive = ({ nodeRed, heard }: BesideNodeRed, starts = 1): Promise<void> =>
  until(`start ${starts} of the flows`, () => {
    const registered = heard.filter(({ topic }) => topic === 'flows/gates').length;
    return nodeRed.starts() >= starts && registered >= starts && nodeRed.health().state === 'ok';
  });

/** A tab with a hub; `hub` is its id. */
export const tab = (...nodes: readonly FlowEntry[]): FlowEntry[] => [
  { id: 'jirani_hub', type: 'jirani-hub', name: '' },
  { id: 't', type: 'tab', label: 'A test', disabled: false },
  ...nodes.map((node) => ({ z: 't', hub: 'jirani_hub', x: 0, y: 0, wires: [], ...node })),
];

/** A function that runs when `alerts/<name>` is announced. */
export const onAlert = (code: string, then: readonly string[] = []): FlowEntry[] => [
  { id: 'ear', type: 'jirani-alert', wires: [['fn']] },
  { id: 'fn', type: 'function', func: code, outputs: 1, timeout: 1, libs: [], wires: [then] },
];
