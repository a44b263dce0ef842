/** The keeper's flows: gates that may narrow a proposal, Node-RED beside the hub, and what both are told. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type OpenGates, openGates } from './adapters/gates/open-gates.ts';
import { readExternalUser } from './adapters/mosquitto/external-user.ts';
import { type Card, openCards } from './adapters/node-red/cards.ts';
import { usualFlowsFolder } from './adapters/node-red/command.ts';
import { type NodeRed, openNodeRed } from './adapters/node-red/open-node-red.ts';
import type { FlowsAccess } from './adapters/node-red/prepare-flows.ts';
import type { BoardView } from './adapters/web/board-view.ts';
import type { Config } from './config.ts';
import type { HouseholdId } from './core/ids.ts';
import { dayMs, startOfDay } from './core/slot.ts';
import { type FlowsKeys, openFlowsKeys } from './open-keys.ts';
import type { Announcer } from './ports/announcer.ts';
import type { Books } from './ports/books/books.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { MachineClock, NeighbourhoodClock } from './ports/clock.ts';
import type { IntegrationView } from './ports/desk.ts';
import type { Gates } from './ports/gates.ts';
import type { Log } from './ports/log.ts';
import type { Needs } from './ports/needs.ts';

/** By what name flows enter the hub's own broker; no meter can be called so. */
export const flowsUsername = 'jirani.flows';

export type Flows = Disposable & {
  readonly gates: Gates;
  /** What others say on the broker. */
  readonly hear: OpenGates['hear'] | undefined;
  /** Undefined while nobody may enter as the flows. */
  readonly keys: FlowsKeys | undefined;
  view(): IntegrationView;
  /** What flows put on a household's page. */
  cards(household: string): Card[];
  /** Calls back with a household whose cards changed; returns what ends it. */
  onCards(listener: (household: string) => void): () => void;
  /** What was heard of gates, by what became of it. */
  counts(): Readonly<Record<string, number>>;
  /** Set once Node-RED runs. */
  nodeRed: NodeRed | undefined;
};

type FlowsNeeds = {
  readonly config: Config;
  readonly books: Pick<Books, 'gates' | 'households'>;
  readonly clock: NeighbourhoodClock & MachineClock;
  readonly log: Log;
  /** Asked for when there is something to say: the broker opens after its listeners. */
  readonly broker: () => Announcer;
};

/** With NODE_RED=off nothing is opened, and no gate is asked: the keeper has said so. */
export function openFlows(needs: FlowsNeeds): Flows {
  const { config, books, log } = needs;
  if (config.NODE_RED === 'off') {
    const gates = books.gates.registered().map(({ name }) => name);
    if (gates.length > 0) log.warn('NODE_RED=off: registered gates are not asked', { gates });
    return { ...noFlows, view: () => ({ mode: 'off', state: 'ok', detail: '' }) };
  }
  const announcer: Announcer = { announce: (...said) => needs.broker().announce(...said) };
  const gates = openGates({ ...needs, announcer, books: books.gates });
  const cards = openCards((id) => books.households.find(id as HouseholdId) !== undefined);
  const flows: Flows = {
    gates,
    hear: (topic, payload) => {
      gates.hear(topic, payload);
      cards.hear(topic, payload);
    },
    cards: cards.of,
    onCards: cards.onChange,
    keys: openFlowsKeys(config.HUB_DATA_DIR),
    view: () => viewOf(flows, gates),
    counts: gates.counts,
    nodeRed: undefined,
    [Symbol.dispose]: () => gates[Symbol.dispose](),
  };
  return flows;
}

const noFlows: Omit<Flows, 'view'> = {
  gates: { decide: async () => [] },
  hear: undefined,
  cards: () => [],
  onCards: () => () => {},
  keys: undefined,
  counts: () => ({}),
  nodeRed: undefined,
  [Symbol.dispose]: () => {},
};

/** Node-RED's own word first; a unit of its own is known by its heartbeat alone. */
function viewOf({ nodeRed }: Flows, gates: OpenGates): IntegrationView {
  const names = gates.registered().map(({ name }) => name);
  const asked = names.length === 0 ? '' : `gates: ${names.join(', ')}`;
  if (nodeRed === undefined) {
    const state = gates.isAlive() ? 'ok' : 'away';
    return { mode: 'on', state, detail: state === 'ok' ? asked : 'no sign of life' };
  }
  const { state, detail } = nodeRed.health();
  return { mode: 'on', state, detail: [detail, asked].filter((said) => said !== '').join(' ') };
}

type Places = {
  readonly needs: Needs;
  readonly config: Config;
  readonly broker: Pick<MeterBroker, 'port'>;
  readonly doors: {
    readonly httpPort: number;
    readonly board: () => BoardView;
    readonly status: () => { readonly integrations: Readonly<Record<string, IntegrationView>> };
  };
};

/** Starts Node-RED, unless it is a unit of its own, and begins to tell the flows what they may know. */
export async function startFlows(flows: Flows, places: Places): Promise<AsyncDisposable> {
  const { config, needs } = places;
  if (flows.keys === undefined) return new AsyncDisposableStack();
  await using starting = new AsyncDisposableStack();
  const access = accessOf(flows.keys, places);
  if (config.NODE_RED_UNIT === 'on') {
    // Its unit reads it as a credential, because its user may not enter the hub's folder.
    writeFileSync(join(config.HUB_DATA_DIR, 'flows-access.json'), JSON.stringify(access), {
      mode: 0o600,
    });
  } else {
    flows.nodeRed = starting.use(
      openNodeRed({
        flowsFolder: usualFlowsFolder,
        stateFolder: join(config.HUB_DATA_DIR, 'flows'),
        port: config.NODE_RED_PORT || (await freePort()),
        access,
        log: needs.log,
      }),
    );
  }
  const telling = setInterval(() => tellFlows(places), tellEveryMs);
  starting.defer(() => clearInterval(telling));
  return starting.move();
}

/** Node-RED must be told a number. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Machine time between two summaries for boards and flows. */
const tellEveryMs = 5_000;

function accessOf(keys: FlowsKeys, { config, broker, doors }: Places): FlowsAccess {
  const outside =
    config.MQTT_BROKER === 'embedded' ? undefined : readExternalUser(config.HUB_DATA_DIR)?.flows;
  return {
    hub: {
      mqttUrl: outside === undefined ? `mqtt://127.0.0.1:${broker.port}` : config.MQTT_BROKER,
      username: outside?.username ?? flowsUsername,
      password: outside?.password ?? keys.mqttPassword,
      apiUrl: `http://127.0.0.1:${doors.httpPort}`,
      apiToken: keys.readToken,
    },
    editorPassword: keys.editorPassword,
  };
}

/** A sum over few homes would tell what one of them does. */
const homesLeast = 5;

function tellFlows({ needs, doors }: Places): void {
  const { announcer, books } = needs;
  const summary = doors.board();
  const isCrowd = books.households.all().length >= homesLeast;
  const integrations = Object.entries(doors.status().integrations).map(
    ([name, { mode, state }]) => [name, { state, simulated: mode === 'simulator' }],
  );
  announcer.announce(
    'board/summary',
    {
      ...{ v: 1, ...summary, surplusWh: isCrowd ? summary.surplusWh : null },
      sunTomorrowWhPerM2: sunTomorrow(needs),
      integrations: Object.fromEntries(integrations),
    },
    { retain: true },
  );
  announcer.announce('board/trades', { v: 1, trades: summary.lastTrades }, { retain: true });
  for (const [household, powerMw] of powerOfHouseholds(needs))
    announcer.announce(
      `households/${household}/reading`,
      { v: 1, powerW: Math.round(powerMw / 1000) },
      { retain: true },
    );
}

/** What the grid meters of each household show together; above 0 it draws. */
function powerOfHouseholds({ books, readings }: Needs): ReadonlyMap<string, number> {
  const latest = readings.latest();
  const power = new Map<string, number>();
  for (const { meter, household, place } of books.households.registrations()) {
    const shown = place === 'grid' ? latest.get(meter)?.powerMw : undefined;
    if (shown !== undefined) power.set(household, (power.get(household) ?? 0) + shown);
  }
  return power;
}

/** Watt-hours on each square metre from tomorrow's midnight to the next; null when nobody knows. */
function sunTomorrow({ sun, clock }: Needs): number | null {
  const from = startOfDay(clock.now()) + dayMs;
  const hours = sun.latest()?.filter((hour) => hour.from >= from && hour.from < from + dayMs) ?? [];
  return hours.length === 0 ? null : hours.reduce((sum, { wattsPerM2 }) => sum + wattsPerM2, 0);
}
