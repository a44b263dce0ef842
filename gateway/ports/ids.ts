/** Makes names that nobody can guess and that sort by time. */
export interface Ids {
  /** A ULID: 26 characters of Crockford base32. */
  fresh(): string;
  /** A callback path: 32 lower-case hex characters, 128 random bits, and its sha256 for the books. */
  callbackToken(): { readonly token: string; readonly hash: string };
  /** 32 hex characters that only this hub can make of a text, the same every time. */
  mark(text: string): string;
  /** SHA-256: the name that bytes give themselves. */
  digest(bytes: Uint8Array): Uint8Array;
  /** The conversation id of a household's n-th payout: 18 letters and digits, the same after a restore. */
  payoutConversation(household: string, sequence: number): string;
}
