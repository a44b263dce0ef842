/** What a round remembers: advice, proposals, and their outcome. */
import type { AdviceId, HouseholdId, ProposalId } from './ids.ts';
import type { CentsPerKwh, EpochMs, SlotNumber, WattHours } from './units.ts';

export type Advice = {
  readonly id: AdviceId;
  readonly slot: SlotNumber;
  readonly household: HouseholdId;
  readonly energyWh: WattHours;
  /** What the household will probably import before 06:00. */
  readonly nightNeedWh: WattHours;
  /** What the sun will probably still bring it today. */
  readonly sunLeftWh: WattHours;
  readonly keepWh: WattHours;
  readonly sellWh: WattHours;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
  readonly source: 'rule' | 'model';
  readonly reason: string;
  readonly at: EpochMs;
};

export type ProposalState = 'open' | 'passed' | 'lapsed' | 'none';

export type Proposal = {
  readonly id: ProposalId;
  readonly slot: SlotNumber;
  readonly household: HouseholdId;
  readonly energyWh: WattHours;
  /** What the gates let pass, in whole lots; undefined while it is open. */
  readonly passedWh: WattHours | undefined;
  readonly state: ProposalState;
};

export type RoundSeller = { readonly household: HouseholdId; readonly energyWh: WattHours };
