/** The best of a day as a linear programme: it knows nothing of how the hub finds it. */
import { solve } from 'yalps';
import type { ReplayedDay } from '../../gateway/core/policy/replay.ts';

/** Cents; what is kept, sold, used and missed in each slot, and what is left in vain. */
export function bestByProgramme({ netWh, rate, ownTariff, keepCostPercent }: ReplayedDay): number {
  const constraints = new Map<string, { equal?: number; min?: number }>();
  const variables = new Map<string, Map<string, number>>();
  const put = (name: string, worth: number, parts: Readonly<Record<string, number>>) =>
    variables.set(name, new Map(Object.entries({ worth: worth / 1000, ...parts })));
  for (let at = 0; at < netWh.length; at++) {
    const net = netWh[at] ?? 0;
    constraints.set(`surplus ${at}`, { equal: Math.max(0, -net) });
    constraints.set(`need ${at}`, { equal: Math.max(0, net) });
    constraints.set(`stock ${at}`, { equal: 0 });
    put(`keep ${at}`, 0, { [`surplus ${at}`]: 1, [`stock ${at}`]: 1 });
    put(`sell ${at}`, rate, { [`surplus ${at}`]: 1 });
    put(`use ${at}`, 0, { [`need ${at}`]: 1, [`stock ${at}`]: -1 });
    put(`miss ${at}`, -ownTariff, { [`need ${at}`]: 1 });
    const inVain = at === netWh.length - 1 ? (rate * (100 - keepCostPercent)) / 100 : 0;
    put(`left ${at}`, inVain, { [`stock ${at}`]: -1, [`stock ${at + 1}`]: 1 });
  }
  const { status, result } = solve({
    direction: 'maximize',
    objective: 'worth',
    constraints,
    variables,
  });
  if (status !== 'optimal') throw new Error(`the programme is ${status}`);
  return result;
}
