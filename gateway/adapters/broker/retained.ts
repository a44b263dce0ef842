/** The last word of each topic: bounded, because every trade has a topic of its own. */
import { isWithin } from './topic-rights.ts';

/** Topics whose last word is remembered; the one not spoken for longest is forgotten. */
export const retainedTopicsMax = 4096;

export type LastWord = { readonly topic: string; readonly payload: Buffer | string };

export class Retained<Word extends LastWord> {
  readonly #topicsMax: number;
  readonly #words = new Map<string, Word>();

  constructor(topicsMax: number) {
    this.#topicsMax = topicsMax;
  }

  /** An empty word erases: MQTT 3.1.1 section 3.3.1.3. */
  store(word: Word): void {
    this.#words.delete(word.topic);
    if (word.payload.length === 0) return;
    this.#words.set(word.topic, word);
    if (this.#words.size <= this.#topicsMax) return;
    const [oldest] = this.#words.keys();
    if (oldest !== undefined) this.#words.delete(oldest);
  }

  *within(filters: readonly string[]): Generator<Word> {
    for (const filter of filters) {
      for (const [topic, word] of this.#words) if (isWithin(topic, filter)) yield word;
    }
  }
}
