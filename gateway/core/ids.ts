/** Names of things. Opaque strings that do not mix. */
declare const id: unique symbol;
type Id<Kind extends string> = string & { readonly [id]: Kind };

export type HouseholdId = Id<'household'>;
export type MeterId = Id<'meter'>;
export type TradeId = Id<'trade'>;
export type TopupId = Id<'topup'>;
export type PayoutId = Id<'payout'>;
export type ReversalId = Id<'reversal'>;
export type AdviceId = Id<'advice'>;
export type ProposalId = Id<'proposal'>;
/** One token transaction that must happen exactly once. */
export type TokenIntentId = Id<'token-intent'>;
/** A row of the inbox: something from outside, kept raw before it was acknowledged. */
export type InboxId = Id<'inbox'>;
