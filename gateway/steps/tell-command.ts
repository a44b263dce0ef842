/** Says a command to its meter while it is there, until it answers or the command is over. */
import { isTimeToTell } from '../core/meter-command.ts';
import type { Needs } from '../ports/needs.ts';

/** A deed: what it leaves standing comes again. Nothing is said after its expiry. */
export async function tellCommand(
  { books, clock, line }: Pick<Needs, 'books' | 'clock' | 'line'>,
  id: string,
): Promise<void> {
  const command = books.meters.command(id);
  const now = clock.now();
  if (command === undefined || command.outcome !== undefined || now >= command.expiresAt)
    return books.meters.commandExpired(id);
  if (!line.isThere(command.meter) || !isTimeToTell(command, now, clock.speed)) return;
  books.meters.commandTold(id, now);
  line.tell(command);
}
