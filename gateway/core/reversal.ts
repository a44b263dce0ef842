/** Giving a payment back to the phone that made it: the last resort, and only by a person's order. */
import type { HouseholdId, ReversalId } from './ids.ts';
import { fail, ok, type Result } from './result.ts';
import { type Cents, centsPerShilling, type EpochMs } from './units.ts';

export type ReversalState = 'intent' | 'unknown' | 'pending' | 'reversed' | 'failed' | 'review';

export type Reversal = {
  readonly id: ReversalId;
  /** M-Pesa's receipt of the payment that goes back. */
  readonly receipt: string;
  /** Whose wallet the money leaves; undefined: it lies in suspense. */
  readonly household: HouseholdId | undefined;
  readonly amountCents: Cents;
  readonly state: ReversalState;
  readonly createdAt: EpochMs;
  readonly sentAt: EpochMs | undefined;
  readonly asks: number;
  /** M-Pesa says that the payment still stands, so the order may be sent once more. */
  readonly mayRepeat: boolean;
  readonly code: string | undefined;
  readonly detail: string;
};

/** States in which the money is set aside. */
export const openReversalStates: readonly ReversalState[] = [
  'intent',
  'unknown',
  'pending',
  'review',
];

export type ReversalProblem =
  /** Neither M-Pesa's list nor a person vouches for it: a callback's receipt may be somebody else's. */
  | { readonly kind: 'unknown-receipt' }
  | { readonly kind: 'not-whole-shillings' }
  /** The household has spent it. */
  | { readonly kind: 'not-enough'; readonly thereCents: Cents }
  /** This receipt is being given back, or was. */
  | { readonly kind: 'ordered-before'; readonly reversal: ReversalId };

/** Whether M-Pesa can give a payment back and the account that holds it still has it. */
export function reversible(amountCents: Cents, thereCents: Cents): Result<Cents, ReversalProblem> {
  if (amountCents % centsPerShilling !== 0) return fail({ kind: 'not-whole-shillings' });
  return amountCents > thereCents ? fail({ kind: 'not-enough', thereCents }) : ok(amountCents);
}

/** Codes after which nothing was given back and nothing ever will be (Daraja, Reversal). */
const finalCodes: ReadonlySet<string> = new Set(['1', '2', '3', '4', '8', 'R000002']);
export const endsReversal = (code: string | undefined): boolean =>
  code !== undefined && finalCodes.has(code);

/** What the status of the original payment says: it went back, it stands, or nothing that we know. */
export function originalIs(status: string | undefined): 'reversed' | 'standing' | 'unclear' {
  if (status === 'completed') return 'standing';
  return status === 'reversed' || status === 'cancelled' ? 'reversed' : 'unclear';
}
