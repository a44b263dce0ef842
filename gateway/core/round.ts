/** What a round remembers: advice, proposals, and their outcome. */
import type { AdviceId, HouseholdId, ProposalId } from './ids.ts';
import type { KnownThen } from './policy/outlook.ts';
import type { CentsPerKwh, EpochMs, SlotNumber, WattHours } from './units.ts';
import type { Words } from './words-of-advice.ts';

/** What is kept of an advice so that it can be judged. */
export type AdviceRecord = {
  readonly policy: string;
  /** What the policy kept; the advice keeps another amount where the model changed it. */
  readonly ruleKeepWh: WattHours;
  readonly known: KnownThen;
  readonly reasonSw: string;
};

/** What the language model said, clamped; its words are empty when they were not faithful. */
export type KeptOpinion = {
  readonly model: string;
  readonly sellWh: WattHours;
  readonly words: Words | undefined;
  readonly prompt: string;
  readonly promptHash: string;
  readonly answerHash: string;
};

export type Advice = {
  readonly id: AdviceId;
  readonly slot: SlotNumber;
  readonly household: HouseholdId;
  readonly energyWh: WattHours;
  /** What the household will probably use before 06:00. */
  readonly nightNeedWh: WattHours;
  /** What the sun will probably still bring it until then. */
  readonly sunLeftWh: WattHours;
  readonly keepWh: WattHours;
  readonly sellWh: WattHours;
  readonly rate: CentsPerKwh;
  readonly ownTariff: CentsPerKwh;
  readonly source: 'rule' | 'model';
  readonly reason: string;
  readonly at: EpochMs;
  /** Advice of an older hub has none. */
  readonly record?: AdviceRecord;
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
