/** Nodes that listen to the hub. */
import { hubOf, showHub } from './hub.ts';
import type { Body, FlowNode, NodeRed } from './node-red.ts';
import { householdsIn } from './topics.ts';

type Config = { readonly id: string; readonly hub: string; readonly households?: string };

type Ear = {
  readonly filter: string;
  /** Whose word it is, so that a node can listen to some households only. */
  readonly household?: (topic: string, body: Body) => unknown;
  readonly wants?: (body: Body) => boolean;
  /** What is shown below the node. */
  readonly tells: (body: Body) => string;
};

const secondLevel = (topic: string): string | undefined => topic.split('/')[1];
const state = ({ state: now }: Body): string => String(now ?? '');
const isOneOf =
  (...events: string[]) =>
  ({ event }: Body): boolean =>
    events.includes(String(event));

const ears: Readonly<Record<string, Ear>> = {
  'jirani-reading': {
    filter: 'households/+/reading',
    household: secondLevel,
    tells: ({ powerW }) => `${powerW} W`,
  },
  'jirani-surplus': {
    filter: 'households/+/surplus',
    household: secondLevel,
    tells: ({ energyWh }) => `${energyWh} Wh`,
  },
  'jirani-advice': {
    filter: 'advice/+',
    household: (_topic, { household }) => household,
    tells: ({ sellWh }) => `sell ${sellWh} Wh`,
  },
  'jirani-trade': { filter: 'trades/+/state', tells: state },
  'jirani-payment': {
    filter: 'trades/+/state',
    wants: isOneOf('trade.matched', 'funds.missing', 'trade.paid', 'trade.expired', 'trade.closed'),
    tells: state,
  },
  'jirani-transfer': {
    filter: 'trades/+/state',
    wants: isOneOf('tokens.sent', 'tokens.settled', 'tokens.unclear'),
    tells: state,
  },
  'jirani-market': { filter: 'market/rate', tells: ({ centsPerKwh }) => `${centsPerKwh} c/kWh` },
  'jirani-board': { filter: 'board/summary', tells: () => '' },
  'jirani-alert': { filter: 'alerts/+', tells: ({ on }) => (on === false ? 'over' : 'raised') },
};

/** Registers every node of the table above. */
export function inNodes(red: NodeRed): void {
  for (const [type, ear] of Object.entries(ears))
    red.nodes.registerType(type, listenerNode(red, ear) as never);
}

const listenerNode = (red: NodeRed, ear: Ear) =>
  function JiraniListener(this: FlowNode, config: Config): void {
    red.nodes.createNode(this, config);
    const hub = hubOf(red, this, config.hub);
    if (hub === undefined) return;
    const some = householdsIn(config.households);
    const isOurs = (household: unknown) => some.length === 0 || some.includes(String(household));
    const ends = [
      showHub(hub, this),
      hub.listen(ear.filter, (topic, body) => {
        const household = ear.household?.(topic, body);
        if (!isOurs(household) || ear.wants?.(body) === false) return;
        this.status({ fill: 'green', shape: 'dot', text: ear.tells(body) });
        this.send({ topic, payload: body, ...(household === undefined ? {} : { household }) });
      }),
    ];
    this.on('close', (_removed, done) => {
      for (const end of ends) end();
      done();
    });
  };
