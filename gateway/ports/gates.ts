/** The keeper's flows that may narrow a proposal; never widen it. */
import type { HouseholdId, ProposalId } from '../core/ids.ts';
import type { GateDecision } from '../core/proposal.ts';
import type { WattHours } from '../core/units.ts';

export interface Gates {
  /** Decisions that came within the gates' deadline; empty at once when no gate is registered. */
  decide(proposal: {
    readonly proposal: ProposalId;
    readonly household: HouseholdId;
    readonly energyWh: WattHours;
  }): Promise<readonly GateDecision[]>;
}
