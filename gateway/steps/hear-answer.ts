/** A meter says what became of a command. */
import type { MeterId } from '../core/ids.ts';
import type { Needs } from '../ports/needs.ts';

/** The first answer counts; of a command that is not this meter's nothing is believed. */
export function hearAnswer(
  { books, clock, line }: Pick<Needs, 'books' | 'clock' | 'line'>,
  meter: MeterId,
  id: string,
  outcome: string,
): void {
  // It was not obeyed, and is said again when the meter has had time to set its clock.
  if (outcome === 'no-clock' && clock.trust() === 'trusted') return line.tellTime();
  books.meters.commandAnswered(id, meter, outcome, clock.now());
}
