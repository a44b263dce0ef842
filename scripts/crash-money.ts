/** Kills the hub at each of the fourteen crash points of money, on N bad days each, and compares what is left. */
import { attackAt, crashPoints } from '../test/crash-money/crash-points.ts';
import {
  line,
  playAll,
  playUndisturbed,
  type Undisturbed,
  type Verdict,
} from '../test/power-cut/campaign.ts';
import { prepareTemplate, type Template } from '../test/power-cut/template.ts';
import type { Bar, Crash } from './crash-power-cut.ts';

/** `rounds` seeds for each point, from `seed` on. Two runs at once; each takes about four seconds. */
export const crashMoney: Crash = async ({ rounds, seed, say }) => {
  using template = await prepareTemplate();
  const plain = await playUndisturbed(template);
  const giving = await playUndisturbed(template, { errand: 'give-back' });
  const all: Verdict[] = [];
  const unreached: string[] = [];
  for (const point of crashPoints) {
    say(`${point.name} (${point.scenario}): ${point.words}`);
    const expected = point.errand === undefined ? plain : giving;
    const attacks = Array.from({ length: rounds }, (_, number) => attackAt(point, seed + number));
    const verdicts = await playAll(template, expected, attacks, (verdict) => say(line(verdict)));
    if (!verdicts.every(({ cutsStruck }) => cutsStruck > 0)) unreached.push(point.name);
    all.push(...verdicts);
  }
  const control = await forgetfulHub(template, plain);
  return {
    figures: {
      ...{ points: crashPoints.length, rounds, seed, runs: all.length },
      kills: all.reduce((sum, { cutsStruck }) => sum + cutsStruck, 0),
      runsWithoutRinging: all.filter(({ neverRang }) => neverRang).length,
      undisturbedMs: plain.ms,
      longestMs: Math.max(...all.map(({ ms }) => ms)),
    },
    bars: barsOf(all, unreached, control),
  };
};

/** A hub that forgets under which name it has paid must be noticed, or the comparison is worth nothing. */
async function forgetfulHub(template: Template, undisturbed: Undisturbed): Promise<Verdict[]> {
  const cuts = [{ at: 'after money.payOut#1' }];
  return playAll(template, undisturbed, [{ cuts, fault: 'pays-under-a-new-name' }]);
}

function barsOf(
  all: readonly Verdict[],
  unreached: readonly string[],
  control: readonly Verdict[],
): Bar[] {
  const none = (name: string, isWrong: (verdict: Verdict) => boolean): Bar => {
    const value = all.filter(isWrong).length;
    return { name, value, unit: 'runs', bar: 0, ok: value === 0 };
  };
  const noticed = control.filter(({ complaints }) => complaints.length > 0).length;
  return [
    none(
      'runs that left anything else than the undisturbed one',
      ({ complaints }) => complaints.length > 0,
    ),
    none('runs with a second payout', ({ remains }) => remains.mpesa.payouts.length > 1),
    none('runs with a second transfer', ({ remains }) => remains.chain.transfers > 1),
    none('runs with a second reversal', ({ remains }) => remains.mpesa.reversals.length > 1),
    {
      ...{ name: 'crash points that a run did not reach', value: unreached.length },
      ...{ unit: 'points', bar: 0, ok: unreached.length === 0 },
    },
    {
      ...{ name: 'faulty hubs that were noticed', value: noticed, unit: 'hubs' },
      ...{ bar: control.length, ok: noticed === control.length },
    },
  ];
}
