/** Plays the plan: takes things away at their time, and gives them back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dayOf, minuteMs, timeOfDayMs } from '../../gateway/core/slot.ts';
import { epochMs } from '../../gateway/core/units.ts';
import type { Disaster, DisasterKind, SoakPlan } from './plan.ts';
import type { Stage } from './stage.ts';

export type Played = {
  readonly counts: Readonly<Record<string, number>>;
  /** Neighbourhood ms in which the hub had no power. */
  readonly darkMs: number;
  readonly versionAfterUpgrade: string | undefined;
};

type Hands = {
  readonly stage: Stage;
  readonly say: (line: string) => void;
  /** Neighbourhood ms pass. */
  readonly pass: (ms: number) => Promise<void>;
  /** What changes the hub's own life happens one after the other. */
  readonly alone: <Found>(act: () => Promise<Found>) => Promise<Found>;
  darkMs: number;
  version: string | undefined;
};

/** Resolves when the time of the plan is over and everything was given back. */
export async function playDisasters(
  stage: Stage,
  { disasters, lengthMs }: SoakPlan,
  say: (line: string) => void,
): Promise<Played> {
  const beganMs = stage.time.originNeighbourhoodMs;
  const pass = (ms: number) => sleep(Math.max(0, ms / stage.time.speed));
  const hands: Hands = { stage, say, pass, alone: oneAtATime(), darkMs: 0, version: undefined };
  const counts: Record<string, number> = {};
  const running: Promise<void>[] = [];
  for (const disaster of disasters) {
    await pass(beganMs + disaster.atMs - stage.clock.now());
    counts[disaster.kind] = (counts[disaster.kind] ?? 0) + 1;
    say(`${clockOf(stage)}  ${disaster.kind}${lengthOf(disaster)}`);
    const happening = deeds[disaster.kind](hands, disaster);
    // Whoever waits for all of them at the end hears of it.
    happening.catch(() => {});
    running.push(happening);
  }
  await pass(beganMs + lengthMs - stage.clock.now());
  await Promise.all(running);
  return { counts, darkMs: hands.darkMs, versionAfterUpgrade: hands.version };
}

const deeds: Readonly<Record<DisasterKind, (hands: Hands, disaster: Disaster) => Promise<void>>> = {
  'power-cut': (hands, { lengthMs }) => hands.alone(() => cutPower(hands, lengthMs)),
  'hub-killed': ({ alone, stage }) =>
    alone(async () => {
      await stage.gateway.kill();
      await stage.gateway.start();
    }),
  'internet-lost': (hands, { lengthMs }) => away(hands, 'internet', lengthMs),
  'mpesa-outage': (hands, { lengthMs }) => away(hands, 'mpesa', lengthMs),
  'chain-frozen': freezeChain,
  'chain-killed': (hands, { lengthMs }) => killChain(hands, lengthMs),
  'tunnel-moved': ({ stage }) => stage.world.ask('tunnel moves'),
  'clock-jump': jumpClock,
  'card-full': fillCard,
  upgrade: (hands) => hands.alone(() => upgrade(hands)),
};

/** Gateway, ledger and meters are on the same wires. */
async function cutPower(hands: Hands, lengthMs: number): Promise<void> {
  const { stage, pass } = hands;
  const from = stage.clock.now();
  await Promise.all([stage.gateway.kill(), stage.chain.kill()]);
  await stage.killMeters();
  await pass(from + lengthMs - stage.clock.now());
  hands.darkMs += stage.clock.now() - from;
  await stage.chain.start();
  await Promise.all([stage.gateway.start(), stage.startMeters()]);
}

/** Two outages of one kind may overlap; then the first to end ends both. */
async function away({ stage, pass }: Hands, what: string, lengthMs: number): Promise<void> {
  await stage.world.ask(`${what} off`);
  await pass(lengthMs);
  await stage.world.ask(`${what} on`);
}

/** It keeps its sockets and answers nobody. */
async function freezeChain({ stage, pass }: Hands, { lengthMs }: Disaster): Promise<void> {
  const { part } = stage.chain;
  part?.signal('SIGSTOP');
  await pass(lengthMs);
  part?.signal('SIGCONT');
}

async function killChain({ stage, pass, alone }: Hands, lengthMs: number): Promise<void> {
  await alone(() => stage.chain.kill());
  await pass(lengthMs);
  await alone(() => stage.chain.start());
}

/** As after a start without a clock of its own: the hub believes in another time, until somebody tells it better. */
async function jumpClock(hands: Hands, { lengthMs, offMs }: Disaster): Promise<void> {
  const restartWith = (byMs: number) =>
    hands.alone(async () => {
      const { stage } = hands;
      await stage.gateway.kill();
      stage.clockOffByMs = byMs;
      await stage.gateway.start();
    });
  await restartWith(Math.round(offMs));
  await hands.pass(lengthMs);
  await restartWith(0);
}

async function fillCard({ stage, pass }: Hands, { lengthMs }: Disaster): Promise<void> {
  const pids = () =>
    [stage.gateway.part, stage.chain.part].flatMap((part) => (part?.isAlive ? [part.pid] : []));
  stage.card.fillUp(pids());
  await pass(lengthMs);
  stage.card.makeRoom(pids());
}

/** The hub is told to end, and another release goes on in the same folder. */
async function upgrade(hands: Hands): Promise<void> {
  const { stage } = hands;
  const version = '0.1.1';
  const release = stage.makeRelease(version);
  await stage.gateway.end();
  stage.release = release;
  await stage.gateway.start();
  hands.version = (await stage.askHub<{ version: string }>('/api/status')).version;
}

function oneAtATime(): Hands['alone'] {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next.catch(() => {});
    return next;
  };
}

const clockOf = ({ clock, time: { originNeighbourhoodMs } }: Stage): string => {
  const now = clock.now();
  const day = dayOf(now) - dayOf(epochMs(originNeighbourhoodMs)) + 1;
  const minutes = Math.floor(timeOfDayMs(now) / minuteMs);
  const two = (number: number) => String(number).padStart(2, '0');
  return `day ${day} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
};

const lengthOf = ({ lengthMs, offMs }: Disaster): string => {
  const minutes = (ms: number) => Math.round(ms / 60_000);
  if (offMs !== 0) return ` by ${minutes(offMs)} min, for ${minutes(lengthMs)} min`;
  return lengthMs === 0 ? '' : ` for ${(lengthMs / 3_600_000).toFixed(1)} h`;
};
