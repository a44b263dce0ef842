/** Opinions of the last quarter of an hour, so that one situation costs one call. */
import type { Opinion } from '../../ports/advice.ts';

export interface Answers {
  find(key: string): Opinion | undefined;
  keep(key: string, opinion: Opinion): void;
}

const keptMs = 900_000;
const answersMax = 256;

/** `elapsedMs`: monotonic machine ms. The oldest answer leaves when there are too many. */
export function openAnswers(elapsedMs: () => number): Answers {
  const answers = new Map<string, { readonly opinion: Opinion; readonly atMs: number }>();
  return {
    find(key) {
      const answer = answers.get(key);
      return answer === undefined || elapsedMs() - answer.atMs > keptMs
        ? undefined
        : answer.opinion;
    },
    keep(key, opinion) {
      answers.delete(key);
      answers.set(key, { opinion, atMs: elapsedMs() });
      const [oldest] = answers.keys();
      if (answers.size > answersMax && oldest !== undefined) answers.delete(oldest);
    },
  };
}
