/**
 * Readings at full counts: kills at random moments, power cuts, and a disk that fails. What a meter was
 * acknowledged must be there, once, whatever happened.
 */
import { cutThePower } from '../test/crash/cut-the-power.ts';
import { killRounds } from '../test/crash/kill-rounds.ts';
import { whyNoLoopDisk } from '../test/crash/loop-disk.ts';
import { whyNoLyingDisk } from '../test/crash/lying-disk.ts';
import { type LyingOutcome, lyingRounds, randomLyingRounds } from '../test/crash/lying-rounds.ts';
import type { Bar } from './crash-power-cut.ts';

type Wish = {
  /** Kills. */
  readonly rounds: number;
  readonly cuts: number;
  readonly seed: number;
  readonly say: (line: string) => void;
};
type Part = { readonly figures: Readonly<Record<string, number>>; readonly bars: readonly Bar[] };

/** Kills of a hub that must lose something, and cuts of one. */
const controlKills = 3;
const controlCuts = 2;
/** A round of a failing disk takes as long as several kills. */
const killsPerLyingRound = 20;

export async function crashIngest(wish: Wish): Promise<Part> {
  const parts = [await kills(wish), await powerCuts(wish), await failingDisk(wish)];
  return {
    figures: Object.assign({ seed: wish.seed }, ...parts.map(({ figures }) => figures)),
    bars: parts.flatMap(({ bars }) => bars),
  };
}

const none = (name: string, value: number, unit = 'readings'): Bar => ({
  ...{ name, value, unit, bar: 0, ok: value === 0 },
});
const some = (name: string, value: number): Bar => ({
  ...{ name: `${name} (must be > 0)`, value, unit: 'readings', bar: 1, ok: value > 0 },
});

async function kills({ rounds, seed, say }: Wish): Promise<Part> {
  say(`${rounds} kills of seed ${seed}`);
  const begun = performance.now();
  const { last, complaints, longestRoundMs } = await killRounds({ rounds, seed, say });
  const roundMs = Math.round((performance.now() - begun) / rounds);
  for (const complaint of complaints) say(complaint);
  say('the control: a hub that acknowledges before the commit');
  const control = await killRounds({
    ...{ rounds: controlKills, seed, say, mutant: 'thanks-too-early' },
  });
  return {
    figures: {
      kills: rounds,
      killRoundMs: roundMs,
      killLongestRoundMs: Math.round(longestRoundMs),
      killAcknowledged: last.acknowledged,
      killStored: last.stored,
      killControlLost: control.last.missing,
    },
    bars: [
      none('kills: acknowledged but missing', last.missing),
      none('kills: stored twice', last.twice),
      none('kills: stored but never sent', last.neverSent),
      none('kills: anything else that is wrong', complaints.length, 'complaints'),
      some('kills: control lost', control.last.missing),
    ],
  };
}

async function powerCuts({ cuts, seed, say }: Wish): Promise<Part> {
  const why = whyNoLoopDisk();
  if (why !== undefined) return skipped('power cuts', why, say);
  say(`${cuts} power cuts of seed ${seed}`);
  const found = await cutThePower({ cuts, seed }, say);
  for (const complaint of found.complaints) say(complaint);
  say('the control: a hub that does not wait for the disk');
  const mutant = 'lost-in-power-cuts';
  const control = await cutThePower({ cuts: controlCuts, seed, mutant }, say);
  return {
    figures: {
      powerCuts: found.cuts,
      powerCutAcknowledged: found.acknowledged,
      powerCutFullDiskRefusals: found.refusals,
      powerCutControlLost: control.missing,
    },
    bars: [
      none('power cuts: acknowledged but missing', found.missing),
      none('power cuts: stored twice', found.twice),
      none('power cuts: stored but never sent', found.neverSent),
      none('power cuts: anything else that is wrong', found.complaints.length, 'complaints'),
      some('power cuts: control lost', control.missing),
    ],
  };
}

async function failingDisk({ rounds, seed, say }: Wish): Promise<Part> {
  const why = whyNoLyingDisk();
  if (why !== undefined) return skipped('failing disk', why, say);
  const count = Math.ceil(rounds / killsPerLyingRound);
  say(`${count} rounds of a failing disk, twice: its failed pages keep or lose what they held`);
  const outcomes: LyingOutcome[] = [];
  for (const forgets of [false, true])
    outcomes.push(await lyingRounds({ rounds: randomLyingRounds(count, seed), seed, forgets }));
  const sum = (of: (outcome: LyingOutcome) => number): number =>
    outcomes.reduce((all, outcome) => all + of(outcome), 0);
  for (const complaint of outcomes.flatMap(({ complaints }) => complaints)) say(complaint);
  return {
    figures: {
      failingDiskRounds: sum(({ rounds }) => rounds),
      failingDiskSyncsFailed: sum(({ syncsFailed }) => syncsFailed),
      failingDiskWritesFailed: sum(({ writesFailed }) => writesFailed),
      failingDiskRefusals: sum(({ refusals }) => refusals),
      failingDiskAcknowledged: sum(({ last }) => last.acknowledged),
    },
    bars: [
      none(
        'failing disk: acknowledged but missing',
        sum(({ last }) => last.missing),
      ),
      none(
        'failing disk: stored twice',
        sum(({ last }) => last.twice),
      ),
      none(
        'failing disk: stored but never sent',
        sum(({ last }) => last.neverSent),
      ),
      none(
        'failing disk: anything else that is wrong',
        sum(({ complaints }) => complaints.length),
        'complaints',
      ),
    ],
  };
}

function skipped(what: string, why: string, say: Wish['say']): Part {
  say(`SKIPPED  ${what}: ${why}`);
  return { figures: {}, bars: [] };
}
