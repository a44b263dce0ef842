/** What meters and slots made happen. */
import type { AdviceId, HouseholdId, ProposalId } from '../core/ids.ts';
import type { SlotNumber, WattHours } from '../core/units.ts';

export type EnergyEvent =
  /** A round may begin only with a slot that is closed in time, not with one of a backlog. */
  | { readonly name: 'slot.closed'; readonly slot: SlotNumber; readonly inTime: boolean }
  | {
      readonly name: 'surplus.found';
      readonly slot: SlotNumber;
      readonly household: HouseholdId;
      readonly energyWh: WattHours;
    }
  | {
      readonly name: 'advice.given';
      readonly slot: SlotNumber;
      readonly household: HouseholdId;
      readonly advice: AdviceId;
      readonly sellWh: WattHours;
    }
  | {
      readonly name: 'proposal.made';
      readonly slot: SlotNumber;
      readonly household: HouseholdId;
      readonly proposal: ProposalId;
      readonly energyWh: WattHours;
    }
  /** Gates have answered or were silent: whole lots that may go to the market; 0 when it waits for the next round. */
  | {
      readonly name: 'proposal.settled';
      readonly slot: SlotNumber;
      readonly household: HouseholdId;
      readonly proposal: ProposalId;
      readonly energyWh: WattHours;
      readonly passedWh: WattHours;
    }
  /** A round was begun and is not finished. */
  | { readonly name: 'round.waiting'; readonly slot: SlotNumber }
  /** Every household of the round has been heard. */
  | { readonly name: 'round.ready'; readonly slot: SlotNumber }
  | { readonly name: 'round.cleared'; readonly slot: SlotNumber; readonly trades: number };
