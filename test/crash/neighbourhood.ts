/** All the meters that speak to the hub under test, with their own lists of what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';
import { type Habit, MeterBook } from './meter-book.ts';
import { MeterLine } from './meter-line.ts';
import { type FastClock, neighbourhoodTime } from './neighbourhood-time.ts';

const habits: readonly Habit[] = ['orderly', 'shuffling', 'orderly', 'backlog-behind-live'];
/** Every so many meters there is one whose clock was never set. */
const clocklessEvery = 7;

export class Neighbourhood {
  readonly books: readonly MeterBook[];
  readonly #clock: FastClock;
  #lines: MeterLine[] = [];

  constructor(meters: number, seed: number, clock: FastClock) {
    this.#clock = clock;
    this.books = Array.from({ length: meters }, (_, n) => {
      const habit = habits[n % habits.length] ?? 'orderly';
      return new MeterBook(
        `meter-${n}`,
        habit,
        n % clocklessEvery === clocklessEvery - 1,
        seededRandom(seed + n),
      );
    });
  }

  /** All connect and send, each with `window` readings in flight, until the hub is gone or `hangUp`. */
  comeBack(port: number, window: number): void {
    const now = () => neighbourhoodTime(this.#clock);
    this.#lines = this.books.map((book) => {
      book.comeBack(now());
      return new MeterLine(book, port, window, now);
    });
  }

  /** Acknowledged since they came back. */
  acknowledged(): number {
    return this.#lines.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** Resolves when each of them, on average, was acknowledged something since they came back. */
  async areThanked(): Promise<void> {
    while (this.acknowledged() < this.books.length) await sleep(5);
  }

  /** Resolves when every connection is over. */
  async gone(): Promise<void> {
    await Promise.all(this.#lines.map(({ gone }) => gone));
  }

  hangUp(): void {
    for (const line of this.#lines) line.hangUp();
  }
}
