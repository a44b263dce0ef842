/** Cuts the power under the hub, again and again, and looks what is on the disk when it comes back. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';
import { audit, rebuilds, wrongIn } from './audit.ts';
import { type HubLife, HubNursery, type Mutant } from './hub-life.ts';
import { LoopDisk } from './loop-disk.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { aFastClock } from './neighbourhood-time.ts';
import { aRandomLife } from './random-life.ts';

export type PowerCuts = {
  readonly cuts: number;
  readonly seed: number;
  readonly mutant?: Mutant | undefined;
};
export type PowerCutsOutcome = {
  readonly cuts: number;
  readonly acknowledged: number;
  /** Acknowledged readings that cuts took away: nobody sends them again. */
  readonly missing: number;
  readonly twice: number;
  readonly neverSent: number;
  /** Batches that a full disk refused. */
  readonly refusals: number;
  readonly complaints: readonly string[];
};

/** After so many cuts there is a new disk with an empty file, so that its making is tested too. */
const cutsPerDisk = 10;
const diskBytes = 128 * 2 ** 20;
const meters = 40;
/** Before that cut the disk was full for a while: long enough for the hub to use up what its log has for itself. */
const fullAtCut = 2;
const fullMaxMs = 8_000;
/** A life that writes fast. */
const busyLife = { commitMs: 1, window: 20 };
/** Longer than the writer rests after the disk said no. */
const restMs = 1_200;
const lookEveryMs = 15;

/** `folder` is empty; disks are mounted in it, so run this where mounts are private. */
export async function powerCuts(
  { cuts, seed, mutant }: PowerCuts,
  folder: string,
  say: (line: string) => void,
): Promise<PowerCutsOutcome> {
  const sum = { cuts: 0, acknowledged: 0, missing: 0, twice: 0, neverSent: 0, refusals: 0 };
  const complaints: string[] = [];
  using nursery = new HubNursery();
  const random = seededRandom(seed);
  while (sum.cuts < cuts) {
    const some = { cuts: Math.min(cutsPerDisk, cuts - sum.cuts), isFirst: sum.cuts === 0 };
    const story = { nursery, random, mutant, ...some };
    using disk = new LoopDisk(folder, `disk-${sum.cuts}`, diskBytes);
    const found = await oneDisk(disk, story, seed + sum.cuts);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += found[name];
    complaints.push(...found.complaints);
    say(`${sum.cuts} cuts, ${sum.acknowledged} acknowledged, ${sum.missing} missing`);
  }
  return { ...sum, complaints };
}

type Story = {
  readonly nursery: HubNursery;
  readonly random: () => number;
  readonly mutant: Mutant | undefined;
  readonly cuts: number;
  readonly isFirst: boolean;
};

async function oneDisk(disk: LoopDisk, story: Story, seed: number) {
  const { nursery, random, mutant, cuts, isFirst } = story;
  const file = join(disk.folder, 'readings.db');
  const clock = aFastClock();
  const neighbours = new Neighbourhood(meters, seed, clock);
  const complaints: string[] = [];
  let refusals = 0;
  for (let cut = 1; cut <= cuts; cut++) {
    const isFull = cut === fullAtCut && isFirst;
    const { commitMs, window, lifeMs } = { ...aRandomLife(random), ...(isFull && busyLife) };
    const hub = await nursery.start({ file, commitMs, clock, mutant });
    neighbours.comeBack(hub.port, window);
    if (mutant !== undefined) await neighbours.areThanked();
    await sleep(lifeMs);
    if (isFull) await beFull(disk, hub);
    refusals += hub.refusals();
    // No hub goes on without power: a wait for the disk that the cut overtakes in the kernel may end well there.
    hub.freeze();
    disk.cutPower();
    await hub.kill();
    await neighbours.gone();
    disk.comeBack();
    const wrong = wrongIn(audit(file, neighbours.books));
    complaints.push(...wrong.map((what) => `cut ${cut} of seed ${seed}: ${what}`));
  }
  complaints.push(...(await rebuilds(file, neighbours.books)));
  return { ...audit(file, neighbours.books), cuts, refusals, complaints };
}

/** The disk is full until the hub has noticed, and then for as long as the hub rests before it tries again. */
async function beFull(disk: LoopDisk, hub: HubLife): Promise<void> {
  const deadline = performance.now() + fullMaxMs;
  disk.fillUp();
  while (hub.refusals() === 0 && performance.now() < deadline) await sleep(lookEveryMs);
  disk.makeRoom();
  await sleep(restMs);
}
