/** All ports together: the table from which each step takes what it needs by name. */
import type { RoundRule } from '../core/market/round-rule.ts';
import type { Tell } from '../events/hub-event.ts';
import type { SecondOpinion, SunForecast } from './advice.ts';
import type { Announcer } from './announcer.ts';
import type { Books } from './books/books.ts';
import type { NeighbourhoodClock } from './clock.ts';
import type { Gates } from './gates.ts';
import type { Ids } from './ids.ts';
import type { Log } from './log.ts';
import type { MeterLine } from './meter-line.ts';
import type { MobileMoney } from './mobile-money.ts';
import type { MeterPresence, ReadingStore } from './readings.ts';
import type { TokenChain } from './tokens.ts';

/** Everything that steps need from outside; `main.ts` knows who plays each part. */
export type Needs = {
  readonly books: Books;
  readonly readings: ReadingStore;
  readonly presence: MeterPresence;
  readonly line: MeterLine;
  readonly money: MobileMoney;
  readonly chain: TokenChain;
  readonly sun: SunForecast;
  readonly secondOpinion: SecondOpinion;
  readonly gates: Gates;
  readonly announcer: Announcer;
  readonly clock: NeighbourhoodClock;
  readonly ids: Ids;
  readonly log: Log;
  readonly tell: Tell;
  readonly resultsTrusted: boolean;
  /** Another way to clear rounds, for comparison in simulation; a living hub has none and trades at the posted rate. */
  readonly market?: RoundRule;
};
