/** A language model beside the policy: it sells less when it feels like it, and has a say only by its record. */
import type { Policy } from '../../gateway/core/policy/policies.ts';
import { hasEarned, pairedDaysLeast } from '../../gateway/core/policy/record.ts';
import { chance } from '../../gateway/simulators/neighbourhood/chance.ts';
import { playDays, type SunAhead } from './play.ts';
import type { Truth } from './truth.ts';

/** How often it holds a part back, and at most how much of what the policy would sell. */
const [oftenHolds, mostHeld] = [0.3, 0.5];

/** Inside the envelope: it keeps what the policy keeps, or more. */
function aModel(policy: Policy, seed: number): Policy {
  let asked = 0;
  return {
    name: 'model',
    keepWh: (situation) => {
      asked += 1;
      const keep = policy.keepWh(situation);
      const held = chance(seed, 81, asked) < oftenHolds ? mostHeld * chance(seed, 82, asked) : 0;
      return keep + Math.floor((situation.atHandWh - keep) * held);
    },
  };
}

/** Cents of all houses with such a model, which decides on the days that its last thirty have earned it. */
export function centsWithModel(
  { houses }: Truth,
  policy: Policy,
  daysLearned: number,
  sunAhead: SunAhead,
  seed: number,
): number {
  const model = aModel(policy, seed);
  const sums = [policy, model].map((player) => sumByDay(houses, player, daysLearned, sunAhead));
  const days = (sums[0] ?? []).map((ruleCents, day) => {
    return { day, ruleCents, opinionCents: sums[1]?.[day] ?? 0 };
  });
  return days.reduce((cents, { day, ruleCents, opinionCents }) => {
    const record = days.slice(Math.max(0, day - pairedDaysLeast), day);
    return cents + (hasEarned(record) ? opinionCents : ruleCents);
  }, 0);
}

function sumByDay(
  houses: Truth['houses'],
  player: Policy,
  daysLearned: number,
  sunAhead: SunAhead,
): number[] {
  const all = houses.map((house) => playDays(house, player, daysLearned, sunAhead));
  return (all[0] ?? []).map((_, day) => all.reduce((sum, days) => sum + (days[day] ?? 0), 0));
}
