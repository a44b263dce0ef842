import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adviceDayOf, firstSlotOf } from '../../gateway/core/advice-score.ts';
import type { AdviceId } from '../../gateway/core/ids.ts';
import { dayMs, hourMs, slotEnd, slotStart, timeOfDayMs } from '../../gateway/core/slot.ts';
import {
  centsPerKwh,
  epochMs,
  type SlotNumber,
  slotNumber,
  wattHours,
} from '../../gateway/core/units.ts';
import { scoreAdvice } from '../../gateway/steps/score-advice.ts';
import { type GivenHub, given } from '../support/given.ts';
import { corner, firstSlot, nine } from '../support/neighbourhood.ts';

const scoring = suite('scoring the advice of a day');

const today = adviceDayOf(epochMs(nine));
const six = firstSlotOf(today);

/** What was metered of the corner house, net of each slot; the slot closes with a round. */
function closes(hub: GivenHub, slot: number, netWh = 0): void {
  const at = slotEnd(slotNumber(slot));
  hub.books.energy.closeSlot({
    ...{ slot: slotNumber(slot), at, counted: new Map(), postings: [], intents: [] },
    energies: [
      {
        ...{ household: corner, late: false },
        exportedWh: wattHours(Math.max(0, -netWh)),
        importedWh: wattHours(Math.max(0, netWh)),
      },
    ],
    roundDue: true,
  });
}

type Advised = { readonly keepWh: number; readonly opinionSellWh?: number };

function advised(hub: GivenHub, slot: number, { keepWh, opinionSellWh }: Advised): void {
  const id = hub.ids.fresh() as AdviceId;
  const none = wattHours(0);
  hub.books.rounds.saveAdvice(
    {
      ...{ id, slot: slotNumber(slot), household: corner, energyWh: wattHours(3_000) },
      ...{ nightNeedWh: none, sunLeftWh: none, keepWh: wattHours(keepWh) },
      ...{ sellWh: wattHours(3_000 - keepWh), rate: centsPerKwh(1_500) },
      ...{ ownTariff: centsPerKwh(2_700), source: 'rule', reason: '', at: hub.clock.now() },
    },
    slotStart(slotNumber(six + 96)),
  );
  if (opinionSellWh === undefined) return;
  const opinion = { model: 'm', words: undefined, prompt: '', promptHash: 'p', answerHash: 'a' };
  hub.books.rounds.addOpinion(
    id,
    { ...opinion, sellWh: wattHours(opinionSellWh) },
    hub.clock.now(),
  );
}

/** 3 kWh are made by nine, advice follows, and 1 kWh is used in the evening. */
function aDay(hub: GivenHub, advice: Advised | undefined): number {
  const begin = firstSlot as number;
  for (let slot = begin; slot < six + 96; slot++) {
    const evening = slotStart(slotNumber(slot)) === nine + 11 * hourMs;
    closes(hub, slot, slot === begin ? -3_000 : evening ? 1_000 : 0);
    if (slot === begin && advice !== undefined) advised(hub, slot, advice);
  }
  return six + 95;
}

const closed = (hub: GivenHub, slot: number): void =>
  scoreAdvice(hub, { name: 'slot.closed', slot: slot as SlotNumber, inTime: true });

scoring('waits for six, and tells then what was gained of what was possible', () => {
  using hub = given();
  const last = aDay(hub, { keepWh: 500 });
  assert.is(timeOfDayMs(slotEnd(slotNumber(last))), 6 * hourMs);
  closed(hub, last - 1);
  assert.is(hub.books.advice.lastScoredDay(), undefined);
  closed(hub, last);
  // Half a kWh for KES 27 instead of 15, of the whole kWh that was possible.
  assert.equal(hub.books.advice.sumsSince(0), [
    {
      ...{ household: corner, days: 1, gainedCents: 600, possibleCents: 1_200 },
      ...{ ruleCents: undefined, opinionCents: undefined },
    },
  ]);
  assert.is(hub.books.advice.lastScoredDay(), today);
});

scoring('is done once, also when it is asked for again after a power cut', () => {
  using hub = given();
  const last = aDay(hub, { keepWh: 500 });
  closed(hub, last);
  closed(hub, last);
  hub.books.advice.saveScores(today, [
    {
      ...{ household: corner, gainedCents: 1, possibleCents: 2 },
      ...{ ruleCents: undefined, opinionCents: undefined },
    },
  ]);
  assert.is(hub.books.advice.sumsSince(0)[0]?.gainedCents, 600);
});

scoring('scores a day that ended while the hub had no power, with the next slot', () => {
  using hub = given();
  const last = aDay(hub, { keepWh: 3_000 });
  closes(hub, last + 1);
  closes(hub, last + 2);
  closed(hub, last + 2);
  const [score] = hub.books.advice.sumsSince(0);
  // 1 kWh was saved, 2 kWh were kept in vain.
  assert.equal([score?.gainedCents, score?.possibleCents], [1_200 - 600, 1_200]);
});

scoring('plays inside the limits that the household has set', () => {
  using hub = given({ rules: { [corner]: { sellDailyWh: wattHours(0) } } });
  closed(hub, aDay(hub, { keepWh: 500 }));
  const [score] = hub.books.advice.sumsSince(0);
  assert.equal(
    [score?.gainedCents, score?.possibleCents],
    [0, 0],
    'what nobody may sell is there in the evening, kept or not',
  );
});

scoring('says nothing of a day without advice', () => {
  using hub = given();
  closed(hub, aDay(hub, undefined));
  assert.equal(hub.books.advice.sumsSince(0), []);
});

scoring('pairs the model’s opinions with the policy’s decisions', () => {
  using hub = given();
  closed(hub, aDay(hub, { keepWh: 500, opinionSellWh: 2_000 }));
  const [pair] = hub.books.advice.pairedDays(30);
  assert.ok(pair);
  assert.is(pair.day, today);
  assert.is(pair.opinionCents - pair.ruleCents, 600, 'it would have kept the whole kWh');
});

scoring('begins a day at six', () => {
  assert.is(timeOfDayMs(slotStart(six)), 6 * hourMs);
  assert.is(adviceDayOf(slotStart(six)), today);
  assert.is(adviceDayOf(epochMs(slotStart(six) - 1)), today - 1);
  assert.is(firstSlotOf(today + 1) - six, dayMs / 900_000);
});

scoring.run();
