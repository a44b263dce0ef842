/** A small neighbourhood for tests: a few days, every kind of household. */
import { roundRules } from '../../gateway/core/market/round-rule.ts';
import { type SimulateOptions, simulate } from '../../gateway/simulation/simulate.ts';

export const ruleNamed = (name: string) => {
  const rule = roundRules[name];
  if (rule === undefined) throw new Error(`there is no rule ${name}`);
  return rule;
};

export const usual: SimulateOptions = {
  ...{ households: 14, days: 2, seed: 1, rule: ruleNamed('posted') },
  ...{ lotWh: 500, windowDays: 30, panels: true, batteries: false, outageHours: 2.6 },
};

const done = new Map<string, ReturnType<typeof simulate>>();

/** Each neighbourhood lives once, however many tests look at it. */
export function simulated(differs: Partial<SimulateOptions> = {}) {
  const options = { ...usual, ...differs };
  const key = JSON.stringify({ ...options, rule: options.rule.name });
  const measured = done.get(key) ?? simulate(options);
  done.set(key, measured);
  return measured;
}

/** Everything that must be 0. */
export const nothingWrong = {
  ...{ trialBalanceCents: 0, trialBalanceWh: 0, imbalances: 0 },
  ...{ roundingLostCents: 0, tooDear: 0, tokensOffWh: 0 },
};
