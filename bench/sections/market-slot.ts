/** How long a whole slot of a thousand households takes with books on the disk: close, advise, propose, clear, commit. */
import { join } from 'node:path';
import { steppedClock } from '../../gateway/adapters/clock/stepped-clock.ts';
import { openIds } from '../../gateway/adapters/ids/ids.ts';
import { dayMs, hourMs, slotEnd, slotMs, timeOfDayMs } from '../../gateway/core/slot.ts';
import { epochMs, type SlotNumber, slotNumber } from '../../gateway/core/units.ts';
import { journeyOf } from '../../gateway/journey.ts';
import { simulatedHouses } from '../../gateway/simulation/houses.ts';
import { needsFor } from '../../gateway/simulation/live.ts';
import { localLedger } from '../../gateway/simulation/local-ledger.ts';
import { moveIn } from '../../gateway/simulation/move-in.ts';
import { simulatedPhones } from '../../gateway/simulation/phones.ts';
import { residentsOf } from '../../gateway/simulation/residents.ts';
import { closeSlots } from '../../gateway/steps/close-slots.ts';
import { beginStory } from '../../gateway/story.ts';
import { atMost, type Section } from '../results.ts';

const households = 1_000;
const fromMs = Date.parse('2026-06-15T00:00:00+03:00');
const never = { isAway: () => false, totalMs: 0, times: 0 };
const barMs = 50;

type Took = { readonly closedMs: number; readonly clearedMs: number; readonly trades: number };

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Payments and tokens come later, from the outbox, and are not part of a slot. */
async function slotsOf(file: string, slots: number): Promise<Took[]> {
  const residents = residentsOf({ seed: 1, households, panels: true, batteries: false });
  const settings = { lotWh: 1000, surplusThresholdWh: 1000 };
  const first = slotNumber(fromMs / slotMs);
  using books = moveIn({ file, residents, since: epochMs(fromMs), settings });
  const houses = simulatedHouses({ seed: 1, residents, fromMs, power: never });
  const clock = steppedClock(fromMs);
  const phones = simulatedPhones({ seed: 1, residents, internet: never, now: clock.now });
  const ids = openIds({ hubKey: Buffer.alloc(32, 7), now: clock.now });
  const given = needsFor(
    { books, houses, rule: undefined },
    { clock, phones, ids, ledger: localLedger() },
  );
  let [closedAt, clearedAt, trades] = [0, 0, 0];
  const story = beginStory(
    (tell) => {
      const all = journeyOf({ ...given, tell });
      return { ...all, 'trade.matched': [] };
    },
    (what, error) => {
      throw new Error(what, { cause: error });
    },
    books.together,
  );
  story.subscribe((event) => {
    if (event.name === 'slot.closed') closedAt = performance.now();
    if (event.name !== 'round.cleared') return;
    clearedAt = performance.now();
    trades = event.trades;
  });
  const took: Took[] = [];
  for (let slot = first; slot < first + slots; slot = (slot + 1) as SlotNumber) {
    houses.live(slot);
    clock.set(slotEnd(slot));
    const began = performance.now();
    closeSlots({ ...given, tell: story.tell });
    await story.settled();
    const isBright =
      timeOfDayMs(slotEnd(slot)) > 9 * hourMs && timeOfDayMs(slotEnd(slot)) < 16 * hourMs;
    if (isBright) took.push({ closedMs: closedAt - began, clearedMs: clearedAt - began, trades });
  }
  return took;
}

export const slot: Section = async ({ quick, folder, say }) => {
  const slots = quick ? 50 : dayMs / slotMs;
  const took = await slotsOf(join(folder, 'books.db'), slots);
  const whole = median(took.map(({ clearedMs }) => clearedMs));
  const closing = median(took.map(({ closedMs }) => closedMs));
  say(`whole slot ${whole.toFixed(1)} ms, of that closing ${closing.toFixed(1)} ms`);
  return {
    figures: {
      'whole slot of 1000 households with commits, median ms': whole,
      'of that closing with its ledger commit, median ms': closing,
      'of that advice, proposals and clearing with their commits, median ms': whole - closing,
      'trades in such a slot, median': median(took.map(({ trades }) => trades)),
      'slots measured': took.length,
    },
    bars: [atMost('whole slot of 1000 households with commits', whole, 'ms', barMs)],
  };
};
