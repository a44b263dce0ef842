/** A soak: a neighbourhood lives, things are taken from it, it comes to rest, and every promise is counted. */
import { sendAuditor } from './auditor.ts';
import { sendCustomers } from './customers.ts';
import { type Played, playDisasters } from './disasters.ts';
import type { Count } from './evidence.ts';
import { type Judgement, judge } from './judge.ts';
import { controlPlan, type SoakPlan } from './plan.ts';
import { closeMarket, comeToRest, type Rest } from './settle.ts';
import { Stage, type StageOptions } from './stage.ts';

export type SoakOptions = StageOptions & {
  readonly plan: SoakPlan;
  /** How long the quiet time may take, machine ms. */
  readonly restMostMs: number;
  readonly say: (line: string) => void;
  /** Ends everything early. */
  readonly signal?: AbortSignal;
};

export type SoakOutcome = {
  readonly counts: readonly Count[];
  readonly figures: Readonly<Record<string, number>>;
  readonly played: Played;
  readonly rest: Rest;
  /** How a full card was made. */
  readonly cardManner: string;
  /** What the hub said when it ended without being told to. */
  readonly endings: readonly string[];
};

/** Rejects when a part of the stage itself does not work. */
export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  const { seed, plan, say, restMostMs, speed } = options;
  const began = performance.now();
  await using stage = await Stage.open(options);
  say(`the neighbourhood stands after ${secondsSince(began)} s`);
  const auditor = sendAuditor(stage);
  const customers = sendCustomers(stage, seed);
  const played = await Promise.race([playDisasters(stage, plan, say), aborted(options.signal)]);
  await customers.stop();
  say(`the storm is over after ${secondsSince(began)} s; the market closes and all comes to rest`);
  await closeMarket(stage);
  const rest = await comeToRest(stage, restMostMs, options.signal);
  for (const what of rest.waiting) say(`still waits: ${what}`);
  const simulatedMs = stage.clock.now() - stage.time.originNeighbourhoodMs;
  const judgement = await judge(stage, auditor, customers.promised);
  return {
    ...{ counts: judgement.counts, played, rest, cardManner: stage.card.manner },
    endings: stage.gateway.endings,
    figures: {
      ...{ seed, speed, simulatedHours: hours(simulatedMs), darkHours: hours(played.darkMs) },
      ...{ seconds: secondsSince(began), restSeconds: Math.round(rest.machineMs / 1000) },
      leftToThePerson: rest.decided,
      ...hubFigures(stage),
      ...moneyFigures(judgement),
    },
  };
}

/** A hub that thanks before it has written, and pays again under another name: how many counts notice it. */
export async function soakBrokenHub(
  options: Omit<SoakOptions, 'plan' | 'restMostMs' | 'fault' | 'rough'>,
): Promise<{ readonly lostReadings: number; readonly strangePayouts: number }> {
  const { counts } = await soak({
    ...options,
    ...{ fault: 'thanks-too-early,pays-under-a-new-name', rough: false },
    ...{ plan: controlPlan(), restMostMs: 3_000 },
  });
  const broken = (name: string) => counts.find((count) => count.name === name)?.broken ?? 0;
  return {
    lostReadings: broken('readings acknowledged and lost'),
    strangePayouts: broken('sent to a phone and not in the books'),
  };
}

const secondsSince = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
const hours = (ms: number): number => Math.round(ms / 360_000) / 10;

function hubFigures({ gateway: { startMs, endings }, lives }: Stage): Record<string, number> {
  const inOrder = [...startMs].sort((a, b) => a - b);
  const counts = lives.flatMap((life) => life.counts);
  return {
    ...{ hubStarts: startMs.length, hubEndedByItself: endings.length },
    hubStartMedianMs: Math.round(inOrder[inOrder.length >> 1] ?? 0),
    hubStartLongestMs: Math.round(inOrder.at(-1) ?? 0),
    readingsAcknowledged: counts.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  };
}

function moneyFigures({ witness, states, daysScored }: Judgement): Record<string, number> {
  const sum = (all: readonly { readonly amountCents: number }[]): number =>
    all.reduce((whole, { amountCents }) => whole + amountCents, 0);
  return {
    ...Object.fromEntries(
      Object.entries(states).map(([state, many]) => [
        `trades${state.slice(0, 1).toUpperCase()}${state.slice(1)}`,
        many,
      ]),
    ),
    ...{ daysScored, prompts: witness.prompts.length },
    ...{ paidInCents: sum(witness.payments), paidOutCents: sum(witness.payouts) },
  };
}

const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('told to end')), { once: true });
  });
