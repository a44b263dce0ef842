/** Server-sent events: tells every listener what happens, as much as each may hear, and waits for nobody. */
import type { ServerResponse } from 'node:http';
import type { HubEvent } from '../../events/hub-event.ts';
import { publicEvent } from './public-event.ts';
import type { EventSource, WebLimits } from './web-options.ts';

export interface LiveFeed {
  /** Writes the head and keeps the response open; false, with nothing written, when no place is free. */
  join(response: ServerResponse, operator: boolean): boolean;
  count(): number;
  [Symbol.dispose](): void;
}

const retryMs = 3000;

/** Opens the feed; it hears the hub's events until it is disposed of, which ends every stream. */
export function openLiveFeed(events: EventSource, limits: WebLimits): LiveFeed {
  const listeners = new Map<ServerResponse, { readonly operator: boolean }>();
  let eventId = 0;

  const tell = (response: ServerResponse, text: string): void => {
    response.write(text);
    // The slow one loses its place, so that nobody's phone can fill the hub's memory.
    if (response.writableLength > limits.livePendingBytesMax) response.destroy();
  };

  const stopHearing = events.subscribe((event) => {
    eventId += 1;
    const open = frame(eventId, event.name, publicEvent(event));
    const whole = frame(eventId, event.name, event);
    for (const [response, { operator }] of listeners) tell(response, operator ? whole : open);
  });
  const heartbeat = setInterval(() => {
    for (const response of listeners.keys()) tell(response, ': still here\n\n');
  }, limits.heartbeatMs);
  heartbeat.unref();

  return {
    join: (response, operator) => {
      const places = limits.liveClientsMax - (operator ? 0 : limits.livePlacesForOperator);
      if (listeners.size >= places) return false;
      const leave = () => listeners.delete(response);
      response.once('close', leave).once('error', leave);
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      listeners.set(response, { operator });
      tell(response, `retry: ${retryMs}\n: welcome\n\n`);
      return true;
    },
    count: () => listeners.size,
    [Symbol.dispose]: () => {
      stopHearing();
      clearInterval(heartbeat);
      for (const response of listeners.keys()) response.end();
      listeners.clear();
    },
  };
}

const frame = (id: number, name: HubEvent['name'], body: unknown): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(body)}\n\n`;
