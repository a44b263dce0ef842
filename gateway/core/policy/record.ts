/** Whether a second opinion has earned a say: only its own record speaks, day against day. */

export type PairedDay = {
  readonly day: number;
  /** What the policy's decisions were worth that day, and the model's, in cents. */
  readonly ruleCents: number;
  readonly opinionCents: number;
};

/** So many of the newest days are compared; fewer are no record. */
export const pairedDaysLeast = 30;
/** The mean difference is at least so many standard errors above nothing: chance does that once in forty times. */
const errorsLeast = 2;

/** `days` are the newest. A model that never differed has earned nothing. */
export function hasEarned(days: readonly PairedDay[]): boolean {
  if (days.length < pairedDaysLeast) return false;
  const apart = days.map(({ ruleCents, opinionCents }) => opinionCents - ruleCents);
  const mean = apart.reduce((sum, one) => sum + one, 0) / apart.length;
  const squares = apart.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const error = Math.sqrt(squares / (apart.length - 1) / apart.length);
  return mean > 0 && mean >= errorsLeast * error;
}
