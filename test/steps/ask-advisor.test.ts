import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keepUntil } from '../../gateway/core/advice.ts';
import type { HouseholdId } from '../../gateway/core/ids.ts';
import { dayMs, hourMs, slotAt, slotEnd } from '../../gateway/core/slot.ts';
import { epochMs, type SlotNumber, wattHours } from '../../gateway/core/units.ts';
import type { AdviceQuestion, Opinion } from '../../gateway/ports/advice.ts';
import { askAdvisor } from '../../gateway/steps/ask-advisor.ts';
import { wordAdvice } from '../../gateway/steps/word-advice.ts';
import { aRound, type GivenHub, given, heard } from '../support/given.ts';
import { corner, firstSlot, nine } from '../support/neighbourhood.ts';

const advising = suite('advising a household');

const ask = (hub: GivenHub, slot: SlotNumber, household: HouseholdId = corner) =>
  askAdvisor(hub, {
    ...{ name: 'surplus.found', slot, household },
    energyWh: hub.books.energy.balanceOf(household).energyWh,
  });

/** A day goes by; at eight in the evening the corner house imports, and nothing else happens. */
function evening(hub: GivenHub, importedWh: number): SlotNumber {
  const eight = slotAt(epochMs(nine + 11 * hourMs));
  const five = slotAt(epochMs(nine + dayMs + 8 * hourMs));
  for (let slot = firstSlot as number; slot < five; slot++)
    hub.books.energy.closeSlot({
      ...{ slot: slot as SlotNumber, at: slotEnd(slot as SlotNumber), counted: new Map() },
      energies:
        slot === eight
          ? [
              {
                ...{ household: corner, exportedWh: wattHours(0), late: false },
                importedWh: wattHours(importedWh),
              },
            ]
          : [],
      ...{ postings: [], intents: [], roundDue: false },
    });
  return aRound(hub, { [corner]: 3_000 });
}

advising('on a first morning has no past to keep for, and sells', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = aRound(hub, { [corner]: 3_000 });
  ask(hub, slot);
  const [given3] = heard(hub, 'advice.given');
  assert.is(given3?.sellWh, 3_000);
  const advice = hub.books.rounds.adviceOf(slot, corner);
  assert.equal([advice?.keepWh, advice?.sellWh, advice?.source], [0, 3_000, 'rule']);
  assert.match(advice?.reason ?? '', /^Sell/);
  assert.is(advice?.id, given3?.advice);
});

advising('in the afternoon keeps what the household used last night', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = evening(hub, 1_200);
  ask(hub, slot);
  const advice = hub.books.rounds.adviceOf(slot, corner);
  assert.equal([advice?.keepWh, advice?.sellWh, advice?.nightNeedWh], [1_200, 1_800, 1_200]);
  assert.equal(hub.books.energy.keepingOf(corner), {
    until: keepUntil(hub.clock.now()),
    energyWh: 1_200,
  });
});

advising('sells even so where the household’s own tariff is no dearer than the rate', () => {
  using hub = given({
    energy: { [corner]: 3_000 },
    rules: { [corner]: { ownTariff: 1_500 as never } },
  });
  const slot = evening(hub, 1_200);
  ask(hub, slot);
  assert.is(hub.books.rounds.adviceOf(slot, corner)?.sellWh, 3_000);
});

advising('is given once per round, however often it is asked for', () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = aRound(hub, { [corner]: 3_000 });
  ask(hub, slot);
  ask(hub, slot);
  assert.is(heard(hub, 'advice.given').length, 1);
});

const wording = suite('wording the advice');

const says = (hub: GivenHub, opinion: Partial<Opinion>, asked: AdviceQuestion[] = []) =>
  Object.assign(hub, {
    secondOpinion: {
      health: () => ({ mode: 'on' as const, state: 'ok' as const, detail: '' }),
      ask: async (question: AdviceQuestion) => {
        asked.push(question);
        const usual = { action: 'sell' as const, sellWh: 0, reason: 'Clouds.', model: 'm' };
        return { ok: true as const, value: { ...usual, ...opinion } };
      },
    },
  });

async function worded(opinion: Partial<Opinion>, asked: AdviceQuestion[] = []) {
  using hub = given({ energy: { [corner]: 3_000 } });
  ask(hub, aRound(hub, { [corner]: 3_000 }));
  const [event] = heard(hub, 'advice.given');
  assert.ok(event);
  await wordAdvice(says(hub, opinion, asked), event);
  return hub.books.views.advice(1)[0];
}

wording('keeps the model’s words beside the rule’s decision, and never above it', async () => {
  const asked: AdviceQuestion[] = [];
  const greedy = await worded({ sellWh: 99_000 }, asked);
  assert.equal([greedy?.sellWh, greedy?.opinionSellWh], [3_000, 3_000]);
  assert.is(greedy?.opinionReason, 'Clouds.');
  assert.is((await worded({ sellWh: 500 }))?.opinionSellWh, 500);
  assert.is((await worded({ action: 'hold', sellWh: 500 }))?.opinionSellWh, 0);
  assert.is((await worded({ sellWh: -4 }))?.opinionSellWh, 0);
  assert.equal(
    Object.values(asked[0] ?? {}).map((value) => typeof value),
    Array(8).fill('number'),
    'only numbers leave the hub',
  );
});

wording('does without, when nobody answers or no key is there', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  ask(hub, aRound(hub, { [corner]: 3_000 }));
  const [event] = heard(hub, 'advice.given');
  assert.ok(event);
  await wordAdvice(hub, event);
  const silent = { ...says(hub, {}).secondOpinion };
  await wordAdvice(
    { ...hub, secondOpinion: { ...silent, ask: async () => ({ ok: false, error: 'late' }) } },
    event,
  );
  assert.is(hub.books.views.advice(1)[0]?.opinionModel, null);
  assert.is(hub.books.views.advice(1)[0]?.sellWh, 3_000);
});

advising.run();
wording.run();
