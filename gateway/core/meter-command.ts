/** What the hub may tell a meter to do, and until when (the meter's protocol, section Commands). */
import type { MeterId } from './ids.ts';
import type { EpochMs } from './units.ts';

/** A name with its arguments as they are written on the wire. Whatever takes power away is a lease that ends. */
export type CommandOrder =
  | { readonly name: 'limit'; readonly args: { readonly watts: number; readonly for_s: number } }
  | {
      readonly name: 'relay';
      readonly args: { readonly on: true } | { readonly on: false; readonly for_s: number };
    }
  | { readonly name: 'identify'; readonly args: { readonly for_s: number } }
  | {
      readonly name: 'calibrate';
      readonly args: {
        readonly u_ppm: number;
        readonly i_ppm: number;
        readonly lag_ns: number;
      };
    };

export type MeterCommand = CommandOrder & {
  readonly id: string;
  readonly meter: MeterId;
  readonly madeAt: EpochMs;
  /** The meter refuses it from then on, and the hub does not say it again. */
  readonly expiresAt: EpochMs;
  readonly toldAt: EpochMs | undefined;
  readonly tellings: number;
  /** The meter's word; undefined while it has not answered. */
  readonly outcome: string | undefined;
};

/** `waiting`: the meter was not there yet. `expired`: nobody answered in time, so whether it was obeyed is unknown. */
export type CommandState = 'waiting' | 'told' | 'answered' | 'expired';

/** A meter remembers so many that have not expired. */
export const openCommandsMax = 16;
/** A meter refuses what expires later than ten minutes from now; its clock may be behind. */
export const commandLifeSecondsMax = 540;
export const commandLifeSecondsUsual = 60;
/** Machine time until a command that nobody answered is said again: the meter obeys an id once. */
const tellAgainMs = 10_000;

export function stateOf(command: MeterCommand, now: EpochMs): CommandState {
  if (command.outcome !== undefined) return 'answered';
  if (now >= command.expiresAt) return 'expired';
  return command.toldAt === undefined ? 'waiting' : 'told';
}

/** `speed`: neighbourhood milliseconds per machine millisecond. */
export const isTimeToTell = ({ toldAt }: MeterCommand, now: EpochMs, speed: number): boolean =>
  toldAt === undefined || now - toldAt >= tellAgainMs * speed;
