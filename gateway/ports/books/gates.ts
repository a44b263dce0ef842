/** Gates as the flows registered them, and what each was asked and said. */
import type { Gate } from '../../core/gate.ts';
import type { ProposalId } from '../../core/ids.ts';
import type { GateDecision } from '../../core/proposal.ts';
import type { EpochMs } from '../../core/units.ts';

/** A proposal that gates were asked about. */
export type GateWindow = {
  /** As they were registered when they were asked. */
  readonly asked: readonly Gate[];
  readonly answers: ReadonlyMap<string, GateDecision>;
};

export interface GateBooks {
  /** A hub that starts again knows whom it must ask before the flows are back. */
  registered(): Gate[];
  /** The newest registration replaces all before it. */
  register(gates: readonly Gate[], at: EpochMs): void;
  /** On the disk before any gate hears of the proposal. Throws when it was asked about before. */
  ask(proposal: ProposalId, gates: readonly Gate[], at: EpochMs): void;
  /** Undefined when no gate was asked. */
  windowOf(proposal: ProposalId): GateWindow | undefined;
  /** A gate's first answer; only within its window. */
  answer(proposal: ProposalId, gate: string, decision: GateDecision, at: EpochMs): void;
}
