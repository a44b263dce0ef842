/** A gate: a flow of the keeper that may narrow a proposal, and what its silence means. */
import type { HouseholdId } from './ids.ts';
import type { GateDecision } from './proposal.ts';
import type { WattHours } from './units.ts';

/** What becomes of a proposal about which a gate says nothing in time. */
export type OnSilence = 'hold' | 'proceed';

export type Gate = {
  readonly name: string;
  /** The households whose proposals it is asked about; undefined: everybody's. */
  readonly scope: readonly HouseholdId[] | undefined;
  readonly onSilence: OnSilence;
};

/** By the gate's name. */
export type GateAnswers = ReadonlyMap<string, GateDecision>;

/** The gates that are asked about a household's proposals. */
export const gatesFor = (gates: readonly Gate[], household: HouseholdId): Gate[] =>
  gates.filter(({ scope }) => scope === undefined || scope.includes(household));

/** A gate may only take away: a shrinking to more than was proposed is no answer. */
export const narrows = (decision: GateDecision, proposed: WattHours): boolean =>
  decision.decision !== 'shrink' ||
  (Number.isInteger(decision.energyWh) && decision.energyWh >= 0 && decision.energyWh <= proposed);

/** Whether nothing that may still come could change the outcome. */
export const isDecided = (asked: readonly Gate[], answers: GateAnswers): boolean =>
  [...answers.values()].some(({ decision }) => decision === 'veto') ||
  asked.every(({ name }) => answers.has(name));

/** One decision for each gate that was asked; whoever is silent has said beforehand what that means. */
export const decisionsOf = (asked: readonly Gate[], answers: GateAnswers): GateDecision[] =>
  asked.map(
    ({ name, onSilence }) =>
      answers.get(name) ?? { decision: onSilence === 'hold' ? 'veto' : 'approve' },
  );
