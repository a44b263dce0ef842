/** Who started the hub and looks whether it lives: systemd where the hub is a unit, nobody else. */

/** What must hold for the hub to count as alive; a check that throws or rejects says why it does not. */
export type LifeChecks = Readonly<Record<string, () => void | Promise<void>>>;

export interface Watchman {
  /** Opening goes on for long, by a migration say; it is not to be given up before `ms` have passed from now. */
  askForTime(ms: number): void;
  /** Every listener listens. Resolves when the word has arrived. */
  ready(): Promise<void>;
  /** From now on the hub closes. */
  stopping(): Promise<void>;
  /** Says that the hub lives, again and again, only while every check holds and the event loop keeps up. */
  watch(checks: LifeChecks): Disposable;
}
