/** Joins the hub and its meters beside readings: keys that meters sign with, commands, and the time. */
import { letterOf } from './adapters/meters/command-letter.ts';
import { type MeterWord, readWord } from './adapters/meters/meter-words.ts';
import type { Readings } from './adapters/readings/open-readings.ts';
import type { Config } from './config.ts';
import type { MeterId } from './core/ids.ts';
import { epochMs } from './core/units.ts';
import { tellTheTime } from './open-clock.ts';
import { openDiscovery } from './open-discovery.ts';
import type { Flows } from './open-flows.ts';
import type { Books } from './ports/books/books.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { HubClock } from './ports/hub-clock.ts';
import type { Log } from './ports/log.ts';
import type { MeterLine } from './ports/meter-line.ts';
import { hearAnswer } from './steps/hear-answer.ts';
import { meetKey } from './steps/meet-key.ts';

type MetersNeeds = {
  readonly config: Config;
  readonly books: Books;
  readonly clock: HubClock;
  readonly log: Log;
  /** Flows hear the same. */
  readonly flows: Pick<Flows, 'hear'>;
  /** Asked for when there is something to say or do: they open later. */
  readonly ways: () => {
    readonly broker: MeterBroker;
    readonly readings: Pick<Readings, 'lookAtKeys' | 'onRecorded'>;
  };
};

export type HubMeters = Disposable & {
  readonly line: MeterLine;
  /** What meters and flows say beside readings, on connections that proved to be theirs. */
  readonly hear: (topic: string, payload: Uint8Array) => void;
  /** Looks from now on at what the command line does in the books; `due` is called when deeds have become due. */
  start(due: () => void): void;
};

/** How often the books are looked at for keys that the keeper trusted meanwhile. */
const lookEveryMs = 1_000;
/** Many meters come back at once after a power cut; all hear the same word. */
const tellTimeEveryMs = 1_000;

export function openMeters(needs: MetersNeeds): HubMeters {
  const { books, clock } = needs;
  const line = lineOf(needs);
  const look = keyWatch(needs);
  const greet = (meter: MeterId): void => {
    line.tellTime();
    const waiting = books.meters.openCommands(meter, clock.now());
    for (const { id } of waiting) books.deeds.hasten('tell-command', id, epochMs(0));
    if (waiting.length > 0) due();
  };
  const hear = (word: MeterWord): void => {
    if (word.kind === 'answer')
      return hearAnswer({ books, clock, line }, word.meter, word.command, word.outcome);
    if (word.publicKey !== undefined) meetKey(needs, word.meter, word.publicKey);
    look();
    greet(word.meter);
  };
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      // A full disk, say: the meter says it again at its next connection.
      needs.log.error('trouble with a meter’s word', { error: String(error) });
    }
  };
  let due = (): void => {};
  const care = new DisposableStack();
  return {
    line,
    hear: (topic, payload) => {
      const word = readWord(topic, payload);
      if (word !== undefined) attempt(() => hear(word));
      needs.flows.hear?.(topic, payload);
    },
    start: (whenDue) => {
      due = whenDue;
      attempt(look);
      care.adopt(
        setInterval(() => attempt(look), lookEveryMs),
        clearInterval,
      );
      care.use(tellTheTime(clock, needs.ways().broker));
      if (needs.config.HOME_ASSISTANT === 'on') care.use(openDiscovery({ books, ...needs.ways() }));
    },
    [Symbol.dispose]: () => care.dispose(),
  };
}

/** Looks whether other keys count than before, and keeps the alert of keys that wait for the keeper. */
function keyWatch({ books, ways }: MetersNeeds): () => void {
  let seenVersion = books.meters.keysVersion();
  let alerted: string | undefined;
  return () => {
    const version = books.meters.keysVersion();
    if (version !== seenVersion) ways().readings.lookAtKeys();
    seenVersion = version;
    const meters = books.meters.keyOffers().map(({ meter }) => meter);
    if (alerted === meters.join()) return;
    alerted = meters.join();
    const body = { v: 1, on: meters.length > 0, meters };
    ways().broker.announce('alerts/meter-keys', body, { retain: true });
  };
}

function lineOf({ books, clock, ways }: MetersNeeds): MeterLine {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return {
    isThere: (meter) => ways().broker.online().has(meter),
    tell: (command) => {
      const hash = books.households.passwordHashOf(command.meter);
      if (hash === undefined) return;
      const { topic, body } = letterOf(command, hash);
      ways().broker.announce(topic, body);
    },
    tellTime: () => {
      const nowMs = performance.now();
      if (clock.trust() !== 'trusted' || nowMs - toldAtMs < tellTimeEveryMs) return;
      toldAtMs = nowMs;
      ways().broker.announce('time', { v: 1, t: Math.floor(clock.now() / 1_000), tq: 2 });
    },
  };
}
