/** Joins every part of the gateway, in the order in which energy travels, and closes in reverse. Nothing is decided here. */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { openIds } from './adapters/ids/ids.ts';
import { beTheOnlyHub } from './adapters/lock/one-hub.ts';
import { startTicker } from './adapters/schedule/ticker.ts';
import { openBooks } from './adapters/sqlite/open.ts';
import type { Config } from './config.ts';
import { journeyOf, onStart, onTick } from './journey.ts';
import { openAdvice } from './open-advice.ts';
import { announceEvents } from './open-announcements.ts';
import { openAskFirst } from './open-ask-first.ts';
import { openChain } from './open-chain.ts';
import { openClock } from './open-clock.ts';
import { openDoors } from './open-doors.ts';
import { openHubBroker, openHubReadings } from './open-energy.ts';
import { openCounts } from './open-figures.ts';
import { type Flows, openFlows, startFlows } from './open-flows.ts';
import { openKeys } from './open-keys.ts';
import { type HubMeters, openMeters } from './open-meters.ts';
import { openMoney } from './open-money.ts';
import { openTunnel } from './open-tunnel.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import type { MachineClock, NeighbourhoodClock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';
import type { Needs } from './ports/needs.ts';
import { beginStory, type Story } from './story.ts';

export type Hub = AsyncDisposable & {
  readonly httpPort: number;
  readonly callbackPort: number;
  /** Undefined when the broker is not ours. */
  readonly mqttPort: number | undefined;
  readonly mqttsPort: number | undefined;
  readonly operatorToken: string;
  readonly story: Story;
};

export type HubOptions = {
  readonly config: Config;
  readonly log: Log;
  /** Called on an error after which the process should end and start again. */
  readonly onFatal: (error: Error) => void;
  /** Stands in for the clock of the configuration; for tests and simulation. */
  readonly clock?: NeighbourhoodClock & MachineClock;
  /** Looks at every port before steps and meters get it; the power-cut test counts and kills here. */
  readonly guard?: <Port extends object>(name: string, port: Port) => Port;
};

/** Opens the whole hub. What was opened before a failure is closed again. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { config, log, onFatal, guard = (_name, port) => port } = options;
  await using opening = new AsyncDisposableStack();
  const [keys, counts] = [openKeys(config.HUB_DATA_DIR, config.HUB_OPERATOR_TOKEN), openCounts()];
  opening.use(beTheOnlyHub(join(config.HUB_DATA_DIR, 'hub.lock')));
  const clock = opening.use(openClock(config, log, options.clock));
  const { views, ...books } = opening.use(openBooks(join(config.HUB_DATA_DIR, 'books.db')));
  refuseOtherMoney(books.settings.once('mpesa-environment', config.MPESA_ENVIRONMENT), config);
  const ids = openIds({ hubKey: keys.hubKey, now: () => clock.now() });
  const flows: Flows = opening.use(openFlows({ config, books, clock, log, broker: () => broker }));
  const ways = () => ({ broker, readings });
  const meters: HubMeters = opening.use(openMeters({ config, books, clock, log, flows, ways }));
  const parts = { config, books, clock, log, onFatal, flows, hear: meters.hear };
  const readings = guard('readings', opening.use(await openHubReadings(parts)));
  const broker = opening.use(await openHubBroker(parts, readings));
  // Before the broker hangs up, meters get their PUBACK for what has arrived.
  opening.defer(() => readings.flush());
  const advice = openAdvice(config, clock, books);
  const tunnel = opening.use(openTunnel({ config, log, ...keys, dataDir: config.HUB_DATA_DIR }));
  const money = opening.use(counts.counted(openMoney({ config, clock, log, tunnel })));
  const chain = opening.use(await openChain(config, log, books.tokens));

  const askFirst = openAskFirst({ books, clock, gates: flows.gates });
  const hub = {
    ...{ books: guard('books', books), readings },
    ...{ money: guard('money', money), chain: guard('chain', chain) },
    ...{ sun: advice.sun, secondOpinion: advice.secondOpinion, gates: askFirst },
    ...{ presence: broker, announcer: broker, line: meters.line, clock, ids, log },
    resultsTrusted: config.MPESA_ASYNC_RESULTS === 'trusted',
  };
  const trouble = troubleTo(log, counts.troubled);
  const story = beginStory((tell) => journeyOf({ ...hub, tell }), trouble, books.together);
  const needs: Needs = { ...hub, tell: story.tell };
  const outbox = openOutbox(needs, trouble);
  meters.start(outbox.work);
  story.subscribe(announceEvents(needs));
  story.subscribe(() => void setImmediate(outbox.work));

  const asked = { views, books, config, broker, advice, story, keys, askFirst, flows, tunnel };
  const doorNeeds = { needs, clock, counts, readings, ...asked };
  const doors = opening.use(await openDoors(doorNeeds, outbox.work));
  tunnel.start(doors.callbackPort);
  opening.use(await startFlows(flows, { needs, config, broker, doors }));
  if (config.SURPLUS_THRESHOLD_WH !== undefined)
    books.settings.change('surplusThresholdWh', config.SURPLUS_THRESHOLD_WH, clock.now());
  opening.defer(() => bringToRest(story, outbox, [askFirst, flows, money]));
  onStart(needs);
  opening.use(startTicker(clock.speed, ticker(needs, outbox.work, advice.refresh, trouble)));
  // Compiled modules are kept even when the power ends this; compiling them takes time and 20 MB.
  flushCompileCache();
  const open = opening.move();
  return {
    httpPort: doors.httpPort,
    callbackPort: doors.callbackPort,
    ...{ mqttPort: broker.port, mqttsPort: broker.tlsPort },
    operatorToken: keys.operatorToken,
    story,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** Nothing new begins, and what is under way ends; whoever was asked and is silent is not waited for. */
async function bringToRest(
  story: Story,
  outbox: Outbox,
  asked: readonly Disposable[],
): Promise<void> {
  story.stop();
  for (const one of asked) one[Symbol.dispose]();
  await Promise.all([outbox.stop(), story.settled()]);
}

/** Simulated shillings must never be paid out as real ones. */
function refuseOtherMoney(kept: string, { MPESA_ENVIRONMENT, HUB_DATA_DIR }: Config): void {
  if (kept === MPESA_ENVIRONMENT) return;
  throw new Error(
    `The books in ${HUB_DATA_DIR} were begun with MPESA_ENVIRONMENT=${kept} and hold its money. ` +
      `For ${MPESA_ENVIRONMENT} choose another HUB_DATA_DIR.`,
  );
}

type Trouble = (what: string, error: unknown) => void;

const troubleTo =
  (log: Log, count: (error: unknown) => void): Trouble =>
  (what, error) => {
    count(error);
    log.error(`trouble ${what}`, {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  };

/** Each part by itself, the outbox last; a clock that was put back makes everything due that waits. */
function ticker(
  needs: Needs,
  work: () => void,
  refresh: () => Promise<void>,
  trouble: Trouble,
): () => void {
  const parts = Object.entries({ ...onTick(needs), 'the outbox': work });
  let last = 0;
  return () => {
    const now = needs.clock.now();
    const steppedBack = now < last - clockJitterMs;
    last = now;
    for (const [what, act] of steppedBack ? [...parts, wakeUp(needs)] : parts) {
      try {
        act();
      } catch (error) {
        trouble(what, error);
      }
    }
    refresh().catch((error: unknown) => trouble('looking at the sky', error));
  };
}

/** Wall clocks are corrected by moments all the time; more is a jump. */
const clockJitterMs = 2_000;

const wakeUp = ({ books }: Needs): [string, () => void] => [
  'waking deeds after the clock was put back',
  () => books.deeds.wakeAll(),
];
