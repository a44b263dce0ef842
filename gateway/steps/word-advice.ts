/** Asks the language model to word the advice and for a second opinion, after the decision: no round waits for it. */
import { clampOpinion, figuresOf, questionAbout, ruleSellWh } from '../core/advice.ts';
import { areFaithful } from '../core/words-of-advice.ts';
import type { EventOf } from '../events/hub-event.ts';
import type { SecondOpinion } from '../ports/advice.ts';
import type { Books } from '../ports/books/books.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

type Needs = {
  books: Pick<Books, 'rounds'>;
  secondOpinion: SecondOpinion;
  clock: NeighbourhoodClock;
  log: Log;
};

/** Only numbers go out; what comes back is clamped to what the policy allows, and its words are checked. */
export async function wordAdvice(
  { books, secondOpinion, clock, log }: Needs,
  { advice: id }: EventOf<'advice.given'>,
): Promise<void> {
  if (secondOpinion.health().mode === 'off') return;
  const advice = books.rounds.advice(id);
  if (advice === undefined) return;
  const question = questionAbout(advice);
  const answer = await secondOpinion.ask(question);
  if (!answer.ok) return log.info('advice without a second opinion', { why: answer.error });
  const { model, words, prompt, promptHash, answerHash } = answer.value;
  // The policy's own decision is the base, also where the model changed what was advised.
  const base = { sellWh: ruleSellWh(advice), energyWh: advice.energyWh };
  const opinionWh = clampOpinion(base, answer.value);
  const faithful = areFaithful(words, [...figuresOf(question), opinionWh]);
  if (!faithful) log.info('the model’s words hold what the hub did not compute');
  books.rounds.addOpinion(
    id,
    {
      ...{ model, sellWh: opinionWh, prompt, promptHash, answerHash },
      words: faithful ? words : undefined,
    },
    clock.now(),
  );
}
