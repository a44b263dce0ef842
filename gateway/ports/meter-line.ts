/** The way from the hub to a meter. */
import type { MeterId } from '../core/ids.ts';
import type { MeterCommand } from '../core/meter-command.ts';

export interface MeterLine {
  /** Whether the meter holds a connection now. */
  isThere(meter: MeterId): boolean;
  /** Says a command under the hub's MAC. Nothing is promised: the meter answers, or it does not. */
  tell(command: MeterCommand): void;
  /** Says what time it is to all meters, where that is known. */
  tellTime(): void;
}
