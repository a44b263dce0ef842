/** The keeper's flows that may narrow a proposal; never widen it. */
import type { HouseholdId, ProposalId } from '../core/ids.ts';
import type { GateDecision } from '../core/proposal.ts';
import type { CentsPerKwh, SlotNumber, WattHours } from '../core/units.ts';

export type AskedProposal = {
  readonly proposal: ProposalId;
  readonly household: HouseholdId;
  readonly slot: SlotNumber;
  readonly energyWh: WattHours;
  /** A gate shrinks to a multiple of it. */
  readonly lotWh: WattHours;
  readonly rate: CentsPerKwh;
};

export interface Gates {
  /**
   * One decision for each gate that this proposal concerns, at the latest after the gates' deadline of machine
   * time; without a promise when nobody has to be asked. Who has to be is asked only after the turn of the caller,
   * whose own write is then on the disk. Asked again about the same proposal, in this life of the hub
   * or the next, it gives what was said then, and silence for the rest.
   */
  decide(proposal: AskedProposal): readonly GateDecision[] | Promise<readonly GateDecision[]>;
}
