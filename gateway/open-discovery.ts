/** Lets Home Assistant find the meters and shows it their newest readings; only where HOME_ASSISTANT=on. */
import {
  discoveryOf,
  discoveryTopicOf,
  displayOf,
  displayTopicOf,
} from './adapters/meters/discovery.ts';
import type { Config } from './config.ts';
import type { MeterId } from './core/ids.ts';
import { openDisplayPassword } from './open-keys.ts';
import type { Books } from './ports/books/books.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { ReadingStore } from './ports/readings.ts';
import { version } from './version.ts';

type DiscoveryNeeds = {
  readonly books: Pick<Books, 'households' | 'meters'>;
  readonly broker: Pick<MeterBroker, 'advertise' | 'announce'>;
  readonly readings: Pick<ReadingStore, 'onRecorded'>;
};

const prefix = 'jirani/v1/';
/** How often the books are looked at for meters that came or went. */
const lookEveryMs = 2_000;
/** Machine time between two showings of a meter: a display needs no more, and a flood is no reason. */
const showEveryMs = 5_000;

/** By what name Home Assistant enters the broker; no meter can be called so. */
export const displayUsername = 'jirani.display';

/** Of Home Assistant's user; undefined where it is not wanted. */
export const displayPasswordOf = ({ HOME_ASSISTANT, HUB_DATA_DIR }: Config): string | undefined =>
  HOME_ASSISTANT === 'on' ? openDisplayPassword(HUB_DATA_DIR) : undefined;

/** Says each meter once, and again only when it changes; a meter that is revoked is taken back. */
export function openDiscovery(needs: DiscoveryNeeds): Disposable & { look(): void } {
  const { books, broker, readings } = needs;
  const said = new Map<MeterId, string>();
  const say = (meter: MeterId, text: string): void => {
    if (said.get(meter) === text) return;
    said.set(meter, text);
    broker.advertise(discoveryTopicOf(meter), text);
  };
  const look = (): void => {
    const here = new Map(
      books.households.registrations().map(({ meter, place }) => [meter, place]),
    );
    for (const [meter, place] of here) say(meter, discoveryOf(meter, place, { prefix, version }));
    for (const meter of said.keys()) if (!here.has(meter)) say(meter, '');
  };
  // An outside broker remembers what was revoked while the hub was down.
  for (const meter of books.meters.revoked()) say(meter, '');
  look();
  const timer = setInterval(look, lookEveryMs);
  const shownAtMs = new Map<MeterId, number>();
  readings.onRecorded((newest) => {
    const nowMs = performance.now();
    for (const reading of newest) {
      const { meter } = reading;
      if (nowMs - (shownAtMs.get(meter) ?? Number.NEGATIVE_INFINITY) < showEveryMs) continue;
      shownAtMs.set(meter, nowMs);
      broker.announce(displayTopicOf(meter), displayOf(reading), { retain: true });
    }
  });
  return { look, [Symbol.dispose]: () => clearInterval(timer) };
}
