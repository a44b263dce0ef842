/** Nodes that do something for households: a card on their page, a look at what was. */
import { cardNameOf, toCard } from './card.ts';
import { hubOf, showHub } from './hub.ts';
import type { FlowNode, Message, NodeRed } from './node-red.ts';

type CardConfig = {
  readonly id: string;
  readonly hub: string;
  readonly household?: string;
  readonly card?: string;
  readonly titleEn?: string;
  readonly titleSw?: string;
  readonly unit?: string;
};

/** Registers `jirani-card` and `jirani-history`. */
export function outNodes(red: NodeRed): void {
  red.nodes.registerType('jirani-card', cardNode(red) as never);
  red.nodes.registerType('jirani-history', historyNode(red) as never);
}

const cardNode = (red: NodeRed) =>
  function JiraniCard(this: FlowNode, config: CardConfig): void {
    red.nodes.createNode(this, config);
    const hub = hubOf(red, this, config.hub);
    if (hub === undefined) return;
    const showing = showHub(hub, this);
    this.on('input', (message, _send, done) => {
      const household = String(config.household || message['household'] || '');
      const name = cardNameOf(config.card ?? '');
      if (!/^[\w.:-]{1,64}$/.test(household) || name === '')
        return done(new Error('a card needs a household and a name'));
      const card = toCard(message.payload, config);
      if (card === undefined) return done(new Error('a card shows a number or a short text'));
      hub.say(`households/${household}/card/${name}`, card, { retain: true });
      this.status({ fill: 'green', shape: 'dot', text: household });
      done();
    });
    this.on('close', (_removed, done) => {
      showing();
      done();
    });
  };

type HistoryConfig = {
  readonly id: string;
  readonly hub: string;
  readonly meter?: string;
  readonly hours?: string | number;
};

const hourMs = 3_600_000;
const hoursMax = 24 * 31;

function spanOf(config: HistoryConfig, message: Message): { meter: string; hours: number } {
  const hours = Number(config.hours || 24);
  return {
    meter: String(config.meter || message['meter'] || ''),
    hours: Number.isFinite(hours) ? Math.min(Math.max(1, hours), hoursMax) : 24,
  };
}

const historyNode = (red: NodeRed) =>
  function JiraniHistory(this: FlowNode, config: HistoryConfig): void {
    red.nodes.createNode(this, config);
    const hub = hubOf(red, this, config.hub);
    if (hub === undefined) return;
    this.on('input', (message, send, done) => {
      const { meter, hours } = spanOf(config, message);
      if (meter === '') return done(new Error('whose history? Give a meter'));
      const to = Date.now();
      const query = new URLSearchParams({
        ...{ meter, resolution: '1h' },
        ...{ from: new Date(to - hours * hourMs).toISOString(), to: new Date(to).toISOString() },
      });
      hub.read(`/api/readings?${query}`).then(
        (payload) => {
          send({ ...message, payload });
          done();
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    });
  };
