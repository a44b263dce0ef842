/** Rounds of the market: at most one is open. */
import type { AdviceId, HouseholdId, ProposalId } from '../../core/ids.ts';
import type { Advice, KeptOpinion, Proposal, RoundSeller } from '../../core/round.ts';
import type { Trade } from '../../core/trade.ts';
import type { CentsPerKwh, EpochMs, SlotNumber, WattHours } from '../../core/units.ts';

export type RoundOutcome = {
  readonly rate: CentsPerKwh;
  readonly offeredLots: number;
  readonly askedLots: number;
  readonly matchedLots: number;
};

export interface RoundBooks {
  /** The newest slot whose round has not begun. */
  due(): SlotNumber | undefined;
  open(): SlotNumber | undefined;
  /** Opens a due round with its sellers; older rounds that never began are skipped. */
  begin(slot: SlotNumber, sellers: readonly RoundSeller[]): void;
  skip(slot: SlotNumber): void;
  sellersOf(slot: SlotNumber): RoundSeller[];

  /** Saves the advice and what the household keeps back until `keepUntil`. Once per slot and household. */
  saveAdvice(advice: Advice, keepUntil: EpochMs): void;
  adviceOf(slot: SlotNumber, household: HouseholdId): Advice | undefined;
  advice(id: AdviceId): Advice | undefined;
  /** Keeps what the language model said beside the advice; its prompt for 30 days. */
  addOpinion(advice: AdviceId, opinion: KeptOpinion, at: EpochMs): void;

  saveProposal(proposal: Proposal): void;
  proposalsOf(slot: SlotNumber): Proposal[];
  hasProposal(slot: SlotNumber, household: HouseholdId): boolean;
  /** Whether every seller of the round has a proposal that is no longer open. */
  isHeard(slot: SlotNumber): boolean;
  /** Passes an open proposal with whole lots, or lets it lapse with 0. */
  settleProposal(id: ProposalId, passedWh: WattHours): void;

  /** Closes the round: trades, their reserved energy and their journeys, in one write. */
  clear(slot: SlotNumber, outcome: RoundOutcome, trades: readonly Trade[], at: EpochMs): void;
  /** Lots offered and asked in cleared rounds with both sides, from <= slot < to. */
  lotsBetween(
    from: SlotNumber,
    to: SlotNumber,
  ): { readonly offered: number; readonly asked: number };
}
