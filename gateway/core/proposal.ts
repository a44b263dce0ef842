/** From advice to a proposal in whole lots, and what gates may do to it. */
import type { StandingRule } from './household.ts';
import type { Proposal, RoundSeller } from './round.ts';
import { type CentsPerKwh, type WattHours, wattHours } from './units.ts';

/** Whole lots of the advised energy that the household's limits and the rate allow. */
export function proposedWh(
  advisedWh: WattHours,
  rule: Pick<StandingRule, 'sellFloor' | 'sellDailyWh'>,
  soldTodayWh: number,
  rate: CentsPerKwh,
  lotWh: WattHours,
): WattHours {
  if (rule.sellFloor > rate) return wattHours(0);
  const allowed = Math.max(0, Math.min(advisedWh, rule.sellDailyWh - soldTodayWh));
  return wattHours(allowed - (allowed % lotWh));
}

export type GateDecision =
  | { readonly decision: 'approve' }
  | { readonly decision: 'veto' }
  | { readonly decision: 'shrink'; readonly energyWh: number };

/** What gates leave of a proposal: they may only veto or shrink to whole lots. Veto wins, then the smallest. */
export function narrowed(
  proposed: WattHours,
  decisions: readonly GateDecision[],
  lotWh: WattHours,
): WattHours {
  let left: number = proposed;
  for (const answer of decisions) {
    if (answer.decision === 'veto') return wattHours(0);
    if (answer.decision === 'shrink') left = Math.min(left, Math.max(0, answer.energyWh));
  }
  return wattHours(left - (left % lotWh));
}

/** Whether every seller of a round has been heard, so that the market may clear. */
export const allHeard = (
  sellers: readonly RoundSeller[],
  proposals: readonly Proposal[],
): boolean =>
  proposals.length === sellers.length && proposals.every(({ state }) => state !== 'open');
