/** Kills the hub in the middle of its work, again and again, on the same file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';
import { type Audit, audit, rebuilds, wrongIn } from './audit.ts';
import { HubNursery, type Mutant } from './hub-life.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { aFastClock } from './neighbourhood-time.ts';
import { aRandomLife } from './random-life.ts';

export type KillRounds = {
  readonly rounds: number;
  readonly seed: number;
  readonly mutant?: Mutant;
  readonly auditEvery?: number;
  readonly say: (line: string) => void;
};

export type KillOutcome = {
  readonly rounds: number;
  readonly last: Audit;
  /** Of all audits, in words; empty when all is well. */
  readonly complaints: readonly string[];
  readonly longestRoundMs: number;
};

const meters = 40;
const auditEveryUsually = 50;

/** Rejects only when the test itself cannot go on: a hub that does not start is such a case. */
export async function killRounds(wish: KillRounds): Promise<KillOutcome> {
  const { rounds, seed, mutant, say, auditEvery = auditEveryUsually } = wish;
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'jirani-kills-'));
  try {
    using nursery = new HubNursery();
    const file = join(folder, 'readings.db');
    const clock = aFastClock();
    const neighbours = new Neighbourhood(meters, seed, clock);
    const complaints: string[] = [];
    let longestRoundMs = 0;
    for (let round = 1; round <= rounds; round++) {
      const begun = performance.now();
      const { commitMs, window, lifeMs } = aRandomLife(random);
      const hub = await nursery.start({ file, commitMs, clock, mutant });
      neighbours.comeBack(hub.port, window);
      if (mutant !== undefined) await neighbours.areThanked();
      await sleep(lifeMs);
      if (hub.ended() !== undefined) complaints.push(`round ${round}: ${hub.ended()}`);
      await hub.kill();
      await neighbours.gone();
      longestRoundMs = Math.max(longestRoundMs, performance.now() - begun);
      if (round % auditEvery !== 0 || round === rounds) continue;
      const found = audit(file, neighbours.books);
      complaints.push(...wrongIn(found).map((wrong) => `round ${round}: ${wrong}`));
      say(`${round} kills, ${found.acknowledged} acknowledged, ${found.missing} missing`);
    }
    const last = audit(file, neighbours.books);
    complaints.push(...wrongIn(last), ...(await rebuilds(file, neighbours.books)));
    return { rounds, last, complaints, longestRoundMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
