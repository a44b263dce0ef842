/** Lets the disk fail under the hub, then kills the hub or cuts the power, and looks what became of readings. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';
import { type Audit, audit, rebuilds, wrongIn } from './audit.ts';
import { type HubLife, HubNursery, type Mutant } from './hub-life.ts';
import { LyingDisk } from './lying-disk.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { aFastClock } from './neighbourhood-time.ts';
import { aRandomLife, type RandomLife } from './random-life.ts';

/** `sync-fails-then-N`: and the hub is gone at the Nth wait for the disk after that. */
export type Fault =
  | 'none'
  | `sync-fails-then-${number}`
  | 'sync-fails'
  | 'sync-fails-often'
  | 'write-fails'
  | 'full';
/** `leaky`: some of what was never synchronised is on the disk nevertheless, in any order. */
export type Ending = 'kill' | 'power-cut' | 'leaky-power-cut';
export type LyingRound = {
  readonly fault: Fault;
  readonly ending: Ending;
  /** How long the hub lives on after the fault; by dice when it is not told. */
  readonly afterwardsMs?: number;
  /** The same of the life before it. */
  readonly life?: Partial<RandomLife>;
};

export type LyingOutcome = {
  readonly rounds: number;
  /** Batches that the hub said were refused. */
  readonly refusals: number;
  readonly syncsFailed: number;
  readonly writesFailed: number;
  /** Lives that ended by the hub's own decision. */
  readonly gaveUp: number;
  readonly last: Audit;
  readonly complaints: readonly string[];
};

const databaseName = 'readings.db';
/** Ways in which a cut may leave the disk that are looked at. */
const leakyWays = 20;
const meters = 20;
const alwaysMax = 1_000_000_000;
/** How long a full disk stays full. */
const fullMs = 150;
/** A hub that takes readings comes upon the fault at its next commit. */
const strikesWithinMs = 2_000;
/** Longer than the writer rests after the disk said no. */
const afterwardsMs = { least: 20, most: 3_600 };

type Wish = {
  readonly rounds: readonly LyingRound[];
  readonly seed: number;
  /** A page whose writing failed loses its content in memory too. */
  readonly forgets: boolean;
  readonly mutant?: Mutant;
};

const diced: readonly [Fault, ...Fault[]] = [
  ...(['none', 'sync-fails', 'sync-fails-often', 'write-fails', 'full'] as const),
  ...([1, 2, 3, 4] as const).map((wait): Fault => `sync-fails-then-${wait}`),
];

export function randomLyingRounds(count: number, seed: number): LyingRound[] {
  const random = seededRandom(seed);
  const oneOf = <Of>(list: readonly [Of, ...Of[]]): Of =>
    list[Math.floor(random() * list.length)] ?? list[0];
  return Array.from({ length: count }, () => ({
    fault: oneOf(diced),
    ending: oneOf<Ending>(['kill', 'power-cut', 'leaky-power-cut']),
  }));
}

/** Ask `whyNoLyingDisk` first. After the last round all meters send what is left to a hub on a disk that is well. */
export async function lyingRounds({ rounds, seed, forgets, mutant }: Wish): Promise<LyingOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'jirani-lies-'));
  const random = seededRandom(seed);
  try {
    using disk = new LyingDisk(folder, forgets);
    using nursery = new HubNursery(disk.env);
    const file = join(disk.folder, databaseName);
    const clock = aFastClock();
    const neighbours = new Neighbourhood(meters, seed, clock);
    const complaints: string[] = [];
    const sum = { refusals: 0, gaveUp: 0 };
    for (const [index, round] of [...rounds, wellAtLast].entries()) {
      const { fault, ending } = round;
      const { commitMs, window, lifeMs } = { ...aRandomLife(random), ...round.life };
      const hub = await nursery.start({ file, commitMs, clock, mutant });
      neighbours.comeBack(hub.port, window);
      if (mutant !== undefined) await neighbours.areThanked();
      await sleep(lifeMs);
      await inflict(disk, fault);
      const dicedMs = afterwardsMs.least + random() * afterwardsMs.most;
      if (fault !== 'none') await suffer(disk, hub, round.afterwardsMs ?? dicedMs);
      sum.refusals += hub.refusals();
      sum.gaveUp += hub.ended() === undefined ? 0 : 1;
      await hub.kill();
      await neighbours.gone();
      disk.recover();
      const wrong = end(disk, ending, random, (file) => wrongIn(audit(file, neighbours.books)));
      complaints.push(...wrong.map((what) => `round ${index + 1}, ${fault}, ${ending}: ${what}`));
      if (wrong.length > 0) break;
    }
    if (complaints.length === 0) complaints.push(...(await rebuilds(file, neighbours.books)));
    const { syncsFailed, writesFailed } = disk;
    const last = audit(file, neighbours.books);
    return { rounds: rounds.length, ...sum, syncsFailed, writesFailed, last, complaints };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const wellAtLast: LyingRound = { fault: 'none', ending: 'power-cut' };

/** Until the fault has struck, and so long beyond. */
async function suffer(disk: LyingDisk, hub: HubLife, afterwardsMs: number): Promise<void> {
  const deadline = performance.now() + strikesWithinMs;
  while (!disk.hasStruck && performance.now() < deadline) await sleep(5);
  const end = performance.now() + afterwardsMs;
  while (hub.ended() === undefined && performance.now() < end) await sleep(5);
}

/** Answers what is wrong then, with the first that goes wrong of many ways in which a cut may leave a disk. */
function end(
  disk: LyingDisk,
  ending: Ending,
  random: () => number,
  judge: (file: string) => string[],
): string[] {
  if (ending === 'kill') return judge(join(disk.folder, databaseName));
  const isLeaky = ending === 'leaky-power-cut';
  let wrong: string[] = [];
  for (let way = 0; way < (isLeaky ? leakyWays : 1); way++) {
    const share = random();
    const left = disk.imagineCut(() => isLeaky && random() < share);
    wrong = judge(join(left, databaseName));
    if (wrong.length > 0) break;
  }
  disk.cutPower();
  return wrong;
}

async function inflict(disk: LyingDisk, fault: Fault): Promise<void> {
  const dies = /^sync-fails-then-(\d+)$/.exec(fault)?.[1];
  if (dies !== undefined) {
    disk.dieAtSync(Number(dies));
    disk.failSyncs(1, 'commits');
    return;
  }
  switch (fault) {
    case 'none':
      return;
    case 'sync-fails':
      return disk.failSyncs(1, 'commits');
    case 'sync-fails-often':
      return disk.failSyncs(3, 'any');
    case 'write-fails':
      return disk.failWrites(1, 'EIO');
    case 'full':
      disk.failWrites(alwaysMax, 'ENOSPC');
      await sleep(fullMs);
      return disk.recover();
  }
}
