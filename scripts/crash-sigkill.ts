/** SIGKILLs at random moments of a whole neighbourhood under load: what was promised stands, and the hub is back at once. */
import { type KillsOutcome, killAgainAndAgain } from '../test/soak/sigkill.ts';
import type { Bar, Crash } from './crash-power-cut.ts';

/** From the start of the process to where every port listens. */
const resumeBarMs = 5_000;
/** The broken hub first lives until it has paid somebody. */
const [controlRounds, controlPeaceMs] = [4, 20_000];
const fault = 'thanks-too-early,pays-under-a-new-name';

/** `rounds` kills in one neighbourhood, each after at most 1.6 s of life; about three seconds each. */
export const crashSigkill: Crash = async ({ rounds, seed, say }) => {
  const outcome = await killAgainAndAgain({ rounds, seed, say });
  for (const { name, examples } of outcome.counts.filter(({ broken }) => broken > 0))
    for (const example of examples) say(`${name}: ${example}`);
  for (const what of outcome.rest.waiting) say(`still waits: ${what}`);
  for (const ending of outcome.endings) say(`the hub ended by itself: ${ending}`);
  say('the control: a hub that thanks before the commit and pays under another name');
  const control = await killAgainAndAgain({
    ...{ rounds: controlRounds, seed, say, fault, restMostMs: 3_000, peaceMs: controlPeaceMs },
  });
  const inOrder = [...outcome.resumeMs].sort((a, b) => a - b);
  return {
    figures: {
      ...{ rounds, seed, kills: outcome.resumeMs.length, trades: outcome.trades },
      resumeMedianMs: Math.round(inOrder[inOrder.length >> 1] ?? 0),
      resumeLongestMs: Math.round(inOrder.at(-1) ?? 0),
      ...Object.fromEntries(outcome.counts.map(({ name, of }) => [`of: ${name}`, of])),
    },
    bars: barsOf(outcome, control),
  };
};

function barsOf(outcome: KillsOutcome, control: KillsOutcome): Bar[] {
  const { counts, resumeMs, rest } = outcome;
  const longest = Math.round(Math.max(...resumeMs));
  const waits = rest.waiting.length;
  const noticed = (name: string): number =>
    control.counts.find((count) => count.name === name)?.broken ?? 0;
  const some = (name: string, value: number): Bar => ({
    ...{ name: `${name} (must be > 0)`, value, unit: 'times', bar: 1, ok: value > 0 },
  });
  return [
    ...counts.map(({ name, broken, unit }) => ({
      ...{ name, value: broken, unit, bar: 0, ok: broken === 0 },
    })),
    { name: 'still under way at the end', value: waits, unit: 'things', bar: 0, ok: waits === 0 },
    {
      ...{ name: 'longest way from a start to listening ports', value: longest, unit: 'ms' },
      ...{ bar: resumeBarMs, ok: longest <= resumeBarMs },
    },
    some('control: readings lost', noticed('readings acknowledged and lost')),
    some('control: payouts nobody knows', noticed('sent to a phone and not in the books')),
  ];
}
