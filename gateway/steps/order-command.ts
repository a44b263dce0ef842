/** The keeper wants a meter to do something: kept as an intention first, with its end. */
import type { MeterId } from '../core/ids.ts';
import {
  type CommandOrder,
  commandLifeSecondsMax,
  type MeterCommand,
  openCommandsMax,
} from '../core/meter-command.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { epochMs } from '../core/units.ts';
import type { Needs } from '../ports/needs.ts';

export type CommandProblem = 'unknown-meter' | 'too-many';

/** What waits for a socket needs so long in machine time, however fast the neighbourhood's clock runs. */
const lifeFloorMs = 2_000;

export function orderCommand(
  { books, clock, ids }: Pick<Needs, 'books' | 'clock' | 'ids'>,
  meter: MeterId,
  order: CommandOrder,
  lifeSeconds: number,
): Result<MeterCommand, CommandProblem> {
  const now = clock.now();
  if (books.households.passwordHashOf(meter) === undefined) return fail('unknown-meter');
  if (books.meters.openCommands(meter, now).length >= openCommandsMax) return fail('too-many');
  const wishedMs = Math.max(lifeSeconds * 1_000, lifeFloorMs * clock.speed);
  const lifeMs = Math.min(wishedMs, commandLifeSecondsMax * 1_000);
  const command: MeterCommand = {
    ...order,
    ...{ id: ids.fresh(), meter, madeAt: now, tellings: 0 },
    // Whole seconds travel.
    expiresAt: epochMs(Math.ceil((now + lifeMs) / 1_000) * 1_000),
    ...{ toldAt: undefined, outcome: undefined },
  };
  books.meters.orderCommand(command);
  return ok(command);
}
