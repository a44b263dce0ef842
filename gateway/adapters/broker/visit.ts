/** One connection of someone who was let in. */
import type { Identity } from '../../ports/credentials.ts';
import type { Refusal } from './refusals.ts';
import type { Session } from './session.ts';
import type { Rights } from './topic-rights.ts';

export type Visit = {
  readonly identity: Identity;
  readonly rights: Rights;
  readonly session: Session;
  /** What the client is owed was sent; new messages may follow at once. */
  isCaughtUp: boolean;
  /** Counts the reason and ends the connection. */
  refuse(reason: Refusal): void;
};
