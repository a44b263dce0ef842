/** What the processes of a soak tell each other. */
import { once } from 'node:events';
import type { NeighbourhoodClock } from '../../gateway/ports/clock.ts';
import { simulatedClock } from '../../gateway/simulators/clock/scaled-clock.ts';

/** The neighbourhood's true time; bigint as text, because JSON carries it. */
export type SoakTime = {
  readonly originMachineNs: string;
  readonly originNeighbourhoodMs: number;
  readonly speed: number;
};

export const trueClock = (time: SoakTime): NeighbourhoodClock =>
  simulatedClock({ ...time, originMachineNs: BigInt(time.originMachineNs) });

export type Question = { readonly number: number; readonly deed: string; readonly about: unknown };
export type Answer =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly problem: string };

export type Deeds = Readonly<Record<string, (about: never) => unknown>>;

/** Answers the soak's questions one after the other until the soak is gone; then this process ends. */
export async function answerUntilTheEnd(deeds: Deeds): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', ({ number, deed, about }: Question) => {
    last = last.then(async () => process.send?.(await answerTo(deeds, { number, deed, about })));
  });
  process.send?.({ ready: true });
  await once(process, 'disconnect');
}

async function answerTo(deeds: Deeds, { number, deed, about }: Question): Promise<Answer> {
  try {
    return { number, answer: (await deeds[deed]?.(about as never)) ?? null };
  } catch (problem) {
    return { number, problem: problem instanceof Error ? problem.message : String(problem) };
  }
}

/** What a meter of one life had when its life ended; its numbers begin at `first` and leave out none. */
export type MeterCount = {
  readonly meter: string;
  readonly first: number;
  readonly acknowledged: number;
};
export type MetersLife = {
  readonly boot: number;
  readonly counts: readonly MeterCount[];
  readonly dropped: number;
  /** What was not acknowledged when the life ended; readings that a meter had and lost its power with. */
  readonly pending: number;
};

export type MetersPlan = {
  readonly url: string;
  readonly seed: number;
  readonly households: number;
  readonly originMs: number;
  readonly passwords: Readonly<Record<string, string>>;
  readonly time: SoakTime;
};

export type WorldPlan = {
  readonly seed: number;
  readonly households: number;
  readonly originMs: number;
  readonly time: SoakTime;
  readonly publicKeyFile: string;
  /** M-Pesa's every day is a rough one. */
  readonly rough: boolean;
};
export type WorldReady = {
  readonly mpesaUrl: string;
  readonly weatherUrl: string;
  readonly geminiUrl: string;
  readonly tunnelUrl: string;
};
