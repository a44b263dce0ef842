/** Asks the language model for a second opinion, after the decision: it never delays a round. */
import { clampOpinion } from '../core/advice.ts';
import { hourMs, timeOfDayMs } from '../core/slot.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { SecondOpinion } from '../ports/advice.ts';
import type { Books } from '../ports/books/books.ts';
import type { Log } from '../ports/log.ts';

type Needs = { books: Pick<Books, 'rounds'>; secondOpinion: SecondOpinion; log: Log };

/** Only numbers go out; what comes back is clamped to what the rule allows and kept beside the advice. */
export async function wordAdvice(
  { books, secondOpinion, log }: Needs,
  { advice: id }: EventOf<'advice.given'>,
): Promise<void> {
  if (secondOpinion.health().mode === 'off') return;
  const advice = books.rounds.advice(id);
  if (advice === undefined) return;
  const { energyWh, nightNeedWh, sunLeftWh, keepWh, sellWh, rate, ownTariff } = advice;
  const hour = Math.floor(timeOfDayMs(advice.at) / hourMs);
  const question = { energyWh, nightNeedWh, sunLeftWh, keepWh, sellWh, rate, ownTariff, hour };
  const opinion = await secondOpinion.ask(question);
  if (!opinion.ok) return log.info('advice without a second opinion', { why: opinion.error });
  const { model, reason } = opinion.value;
  books.rounds.addOpinion(id, model, clampOpinion(advice, opinion.value), reason);
}
