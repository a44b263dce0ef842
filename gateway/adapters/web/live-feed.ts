/** Server-sent events: tells every listener what happens, as much as each may hear, and waits for nobody. */
import type { ServerResponse } from 'node:http';
import type { HubEvent } from '../../events/hub-event.ts';
import { publicEvent } from './public-event.ts';
import type { EventSource, Figure, WebLimits } from './web-options.ts';

export interface LiveFeed {
  /** Writes the head and keeps the response open; false, with nothing written, when no place is free. */
  join(response: ServerResponse, listener: Listener): boolean;
  count(): number;
  figures(): Figure[];
  [Symbol.dispose](): void;
}

/** Who listens: the operator hears all, a household also what is about itself, a stranger only what is public. */
export type Listener = { readonly operator: boolean; readonly household?: string | undefined };

const retryMs = 3000;
/** Open pages of one household: phones, and pages that were not closed. */
const pagesPerHousehold = 6;

/** Opens the feed; it hears the hub's events until it is disposed of, which ends every stream. */
export function openLiveFeed(
  events: EventSource,
  limits: WebLimits,
  concerned: (event: HubEvent) => readonly string[] = () => [],
  nudges: (listener: (household: string) => void) => () => void = () => () => {},
): LiveFeed {
  const listeners = new Map<ServerResponse, Listener>();
  let [eventId, cutOff] = [0, 0];

  const tell = (response: ServerResponse, text: string): void => {
    response.write(text);
    // The slow one loses its place, so that nobody's phone can fill the hub's memory.
    if (response.writableLength <= limits.livePendingBytesMax) return;
    cutOff += 1;
    response.destroy();
  };

  const stopHearing = events.subscribe((event) => {
    eventId += 1;
    const open = frame(eventId, event.name, publicEvent(event));
    const whole = frame(eventId, event.name, event);
    const about = new Set(listeners.size === 0 ? [] : concerned(event));
    // That it is theirs, and no more: what it says of a neighbour is not for them.
    const mine = mineFrame(event.name);
    for (const [response, { operator, household }] of listeners) {
      tell(response, operator ? whole : open);
      if (household !== undefined && about.has(household)) tell(response, mine);
    }
  });
  const stopNudges = nudges((named) => {
    for (const [response, { household }] of listeners)
      if (household === named) tell(response, mineFrame('card.changed'));
  });
  const heartbeat = setInterval(() => {
    for (const response of listeners.keys()) tell(response, ': still here\n\n');
  }, limits.heartbeatMs);
  heartbeat.unref();

  return {
    join: (response, listener) => {
      if (!hasPlace(listeners, listener, limits)) return false;
      const leave = () => listeners.delete(response);
      response.once('close', leave).once('error', leave);
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      listeners.set(response, listener);
      tell(response, `retry: ${retryMs}\n: welcome\n\n`);
      return true;
    },
    count: () => listeners.size,
    figures: () => [
      {
        ...{ name: 'jirani_live_listeners', help: 'Listeners of the live feed', kind: 'gauge' },
        value: listeners.size,
      },
      {
        ...{ name: 'jirani_live_cut_off_total', help: 'Read too slowly', kind: 'counter' },
        value: cutOff,
      },
    ],
    [Symbol.dispose]: () => {
      stopHearing();
      stopNudges();
      clearInterval(heartbeat);
      for (const response of listeners.keys()) response.end();
      listeners.clear();
    },
  };
}

/** Households have places of their own, which strangers cannot take. */
function hasPlace(
  listeners: ReadonlyMap<ServerResponse, Listener>,
  { operator, household }: Listener,
  limits: WebLimits,
): boolean {
  const all = [...listeners.values()];
  const others = all.filter((one) => one.household === undefined);
  if (household === undefined)
    return others.length < limits.liveClientsMax - (operator ? 0 : limits.livePlacesForOperator);
  const own = all.filter((one) => one.household === household);
  return own.length < pagesPerHousehold && all.length - others.length < limits.liveHouseholdsMax;
}

/** That something is theirs, and no more. */
const mineFrame = (name: string): string => `event: mine\ndata: ${JSON.stringify({ name })}\n\n`;

const frame = (id: number, name: HubEvent['name'], body: unknown): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(body)}\n\n`;
