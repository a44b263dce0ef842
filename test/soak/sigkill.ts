/** Kills of a hub under load at random moments: what it promised before each of them must stand at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';
import { sendAuditor } from './auditor.ts';
import { sendCustomers } from './customers.ts';
import type { Count } from './evidence.ts';
import { judge } from './judge.ts';
import { closeMarket, comeToRest, type Rest } from './settle.ts';
import { Stage } from './stage.ts';

export type Kills = {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  readonly fault?: string;
  readonly restMostMs?: number;
  /** Machine ms of peace before the first kill. */
  readonly peaceMs?: number;
};

export type KillsOutcome = {
  readonly counts: readonly Count[];
  /** From each start to where every port listens, machine ms. */
  readonly resumeMs: readonly number[];
  readonly endings: readonly string[];
  readonly rest: Rest;
  readonly trades: number;
};

const [households, speed] = [12, 600];
/** Machine ms between a hub that is ready and the next kill. */
const lifeMs = { least: 100, most: 1_600 };
/** Orders so much more often than in a usual week. */
const hurry = 12;
const sayEvery = 10;

export async function killAgainAndAgain({
  rounds,
  seed,
  say,
  fault,
  restMostMs = 180_000,
  peaceMs = 0,
}: Kills): Promise<KillsOutcome> {
  const random = seededRandom(seed);
  await using stage = await Stage.open({ seed, households, speed, rough: false, fault });
  const auditor = sendAuditor(stage);
  const customers = sendCustomers(stage, seed, hurry);
  await sleep(peaceMs);
  for (let round = 1; round <= rounds; round++) {
    await sleep(lifeMs.least + random() * (lifeMs.most - lifeMs.least));
    await stage.gateway.kill();
    await stage.gateway.start();
    if (round % sayEvery === 0) say(`${round} kills; the last start took ${lastOf(stage)} ms`);
  }
  await customers.stop();
  const resumeMs = stage.gateway.startMs.slice(1);
  await closeMarket(stage);
  const rest = await comeToRest(stage, restMostMs);
  const { counts, trades } = await judge(stage, auditor, customers.promised);
  return { counts, resumeMs, rest, trades, endings: stage.gateway.endings };
}

const lastOf = (stage: Stage): number => Math.round(stage.gateway.startMs.at(-1) ?? 0);
