/** Follows the hub's events and tells them in one readable line each. */
import type { HubEvent } from '../events/hub-event.ts';
import type { TradeView } from '../ports/desk.ts';
import type { DemoOptions } from './demo.ts';

export type Hub = {
  readonly url: string;
  readonly token: string;
  readonly tokenIsIn: string;
  /** Of Node-RED; undefined without flows. */
  readonly editorPort?: string | undefined;
};
type Say = (line: string) => void;

/** Asks the API as the operator. Rejects when the hub is away or says no. */
export async function askHub<T>(hub: Hub, path: string): Promise<T> {
  const response = await fetch(`${hub.url}${path}`, {
    headers: operator(hub),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

const operator = ({ token }: Hub) => ({ authorization: `Bearer ${token}` });

/** Automatic trades that are closed (token final and seller paid), but for those of an earlier run. */
export async function closedTrades(hub: Hub, earlier?: ReadonlySet<string>): Promise<TradeView[]> {
  const { trades } = await askHub<{ trades: TradeView[] }>(hub, '/api/trades?limit=500');
  return trades
    .filter(({ origin, state }) => origin === 'round' && state === 'closed')
    .filter(({ id }) => earlier?.has(id) !== true)
    .reverse();
}

const lookEveryMs = 250;
const progressEveryMs = 5_000;

export type Following = {
  /** Trades that an earlier run in the same folder has closed. */
  readonly earlier: ReadonlySet<string>;
  readonly say: Say;
  /** Nobody listens any more. */
  readonly stop: AbortSignal;
};

/** Resolves to 'enough' when the wanted trades are closed, to 'late' when the time is over; without a wish at `stop`. */
export async function followHub(
  hub: Hub,
  { trades, timeout }: DemoOptions,
  { earlier, say, stop }: Following,
): Promise<'enough' | 'late'> {
  const names = await houseNames(hub);
  const listening = listen(hub, (event) => tellEvent(event, names, say), stop);
  listening.catch(() => {});
  const [began, wanted] = [performance.now(), trades ?? Number.POSITIVE_INFINITY];
  let progressAt = began + progressEveryMs;
  while (!stop.aborted) {
    const closed = await closedTrades(hub, earlier).catch(() => []);
    if (closed.length >= wanted) return 'enough';
    const now = performance.now();
    if (trades !== undefined && now - began > timeout * 1000) return 'late';
    if (trades !== undefined && now > progressAt) {
      say(
        `… ${closed.length} of ${trades} trades closed after ${Math.round((now - began) / 1000)} s`,
      );
      progressAt = now + progressEveryMs;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  return 'late';
}

async function houseNames(hub: Hub): Promise<ReadonlyMap<string, string>> {
  const { households } = await askHub<{ households: { id: string; name: string }[] }>(
    hub,
    '/api/households',
  );
  return new Map(households.map(({ id, name }) => [id, name]));
}

/** Reads server-sent events for ever; dials again while the hub is away. */
async function listen(
  hub: Hub,
  hear: (event: HubEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${hub.url}/api/events`, { headers: operator(hub), signal });
      let rest = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const blocks = `${rest}${chunk}`.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) hearBlock(block, hear);
      }
    } catch {
      // The hub is away for a moment.
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function hearBlock(block: string, hear: (event: HubEvent) => void): void {
  const line = block.split('\n').find((text) => text.startsWith('data: '));
  if (line !== undefined) hear(JSON.parse(line.slice('data: '.length)) as HubEvent);
}

const shillings = (cents: number): string => `KES ${(cents / 100).toFixed(2)}`;
const kwh = (wh: number): string => `${(wh / 1000).toFixed(2)} kWh`;

/** The line for an event; undefined for those that would only make noise. */
export function lineFor(event: HubEvent, nameOf: (id: string) => string): string | undefined {
  switch (event.name) {
    case 'slot.closed':
      return event.inTime ? `slot    ${clockOf(event.slot)} is closed` : undefined;
    case 'surplus.found':
      return `surplus ${nameOf(event.household)} has ${kwh(event.energyWh)} to spare`;
    case 'advice.given':
      return `advice  ${nameOf(event.household)}: sell ${kwh(event.sellWh)} now`;
    case 'proposal.made':
      return `offer   ${nameOf(event.household)} offers ${kwh(event.energyWh)}`;
    case 'round.cleared':
      return event.trades === 0
        ? undefined
        : `market  ${event.trades === 1 ? '1 trade is' : `${event.trades} trades are`} matched`;
    default:
      return lineForMoney(event, nameOf);
  }
}

function lineForMoney(event: HubEvent, nameOf: (id: string) => string): string | undefined {
  switch (event.name) {
    case 'trade.matched':
      return `trade   ${short(event.trade)} ${nameOf(event.seller)} → ${nameOf(event.buyer)}: ${kwh(event.energyWh)} for ${shillings(event.amountCents)}`;
    case 'topup.ringing':
      return `M-Pesa  the phone of ${nameOf(event.household)} rings for ${shillings(event.amountCents)}`;
    case 'topup.confirmed':
      return `M-Pesa  ${shillings(event.amountCents)} is in the wallet of ${nameOf(event.household)}`;
    case 'topup.refused':
      return `M-Pesa  ${nameOf(event.household)} did not pay: ${event.why}`;
    case 'topup.unsure':
      return `M-Pesa  not certain whether ${nameOf(event.household)} was asked: ${event.why}`;
    case 'seller.paid':
      return `payout  ${shillings(event.amountCents)} sent to ${nameOf(event.household)}`;
    case 'payout.failed':
      return `payout  ${shillings(event.amountCents)} to ${nameOf(event.household)} did not go: ${event.why}`;
    default:
      return lineForTrade(event);
  }
}

function lineForTrade(event: HubEvent): string | undefined {
  switch (event.name) {
    case 'trade.paid':
      return `paid    ${short(event.trade)} from the wallet; tokens are on their way`;
    case 'tokens.settled':
      return `tokens  ${short(event.trade)} final: ${event.signature.slice(0, 12)}…`;
    case 'trade.expired':
      return `expired ${short(event.trade)}: ${event.why}`;
    case 'tokens.unclear':
      return `review  ${short(event.trade)}: ${event.why}`;
    case 'trade.closed':
      return `closed  ${short(event.trade)}: sun sold, tokens moved, seller paid`;
    default:
      return undefined;
  }
}

const short = (id: string): string => id.slice(-6);
const clockOf = (slot: number): string =>
  new Date((slot + 1) * 900_000 + 3 * 3_600_000).toISOString().slice(11, 16);

function tellEvent(event: HubEvent, names: ReadonlyMap<string, string>, say: Say): void {
  const line = lineFor(event, (id) => names.get(id) ?? id);
  if (line !== undefined) say(line);
}
