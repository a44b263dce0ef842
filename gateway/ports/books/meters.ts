/** Which key each meter signs with, and what the hub told it to do. */
import type { MeterId } from '../../core/ids.ts';
import type { MeterCommand } from '../../core/meter-command.ts';
import type { EpochMs } from '../../core/units.ts';

/** What became of a key that a meter said it has. */
export type KeyMeeting =
  /** The first one: from now on it counts. */
  | 'pinned'
  /** The one that counts. */
  | 'known'
  /** Another one: kept as an offer for the keeper, and nothing else. */
  | 'changed'
  /** No such meter. */
  | 'unknown';

export type KeyOffer = {
  readonly meter: MeterId;
  /** Lower-case hex. */
  readonly counts: string;
  readonly offered: string;
  readonly since: EpochMs;
};

export interface MeterBooks {
  /** `publicKey`: Ed25519, 32 bytes in lower-case hex, said by the meter itself on its own connection. */
  meetKey(meter: MeterId, publicKey: string, at: EpochMs): KeyMeeting;
  /** The keeper's word: the offered key counts from now on. False when another key, or none, is on offer. */
  trustKey(meter: MeterId, publicKey: string, at: EpochMs): boolean;
  /** Meters that say they have another key than the one that counts. */
  keyOffers(): KeyOffer[];
  /** Rises with every key that was pinned, offered or trusted. */
  keysVersion(): number;
  /** Ids that were in use and are no longer. */
  revoked(): MeterId[];

  /** Keeps the intention and the deed that says it. */
  orderCommand(command: MeterCommand): void;
  command(id: string): MeterCommand | undefined;
  /** The newest first. */
  commandsOf(meter: MeterId, limit: number): MeterCommand[];
  /** Neither answered nor expired. */
  openCommands(meter: MeterId, now: EpochMs): MeterCommand[];
  /** Written before it is said. */
  commandTold(id: string, at: EpochMs): void;
  /** The first answer counts. False when there was one, or the command is not this meter's. */
  commandAnswered(id: string, meter: MeterId, outcome: string, at: EpochMs): boolean;
  /** It is not said again; a late answer still counts. */
  commandExpired(id: string): void;
}
