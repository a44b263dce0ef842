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
      energies: [
        {
          ...{ household: corner, exportedWh: wattHours(0), late: false },
          importedWh: wattHours(slot === eight ? importedWh : 0),
        },
      ],
      ...{ postings: [], intents: [], roundDue: false },
    });
  return aRound(hub, { [corner]: 3_000 });
}

advising('on a first morning has no past to keep for, and sells', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = aRound(hub, { [corner]: 3_000 });
  await ask(hub, slot);
  const [given3] = heard(hub, 'advice.given');
  assert.is(given3?.sellWh, 3_000);
  const advice = hub.books.rounds.adviceOf(slot, corner);
  assert.equal([advice?.keepWh, advice?.sellWh, advice?.source], [0, 3_000, 'rule']);
  assert.match(advice?.reason ?? '', /^Sell/);
  assert.is(advice?.id, given3?.advice);
});

advising('in the afternoon keeps what the household used last night', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = evening(hub, 1_200);
  await ask(hub, slot);
  const advice = hub.books.rounds.adviceOf(slot, corner);
  assert.equal([advice?.keepWh, advice?.sellWh, advice?.nightNeedWh], [1_200, 1_800, 1_200]);
  assert.equal(hub.books.energy.keepingOf(corner), {
    until: keepUntil(hub.clock.now()),
    energyWh: 1_200,
  });
});

advising('sells even so where the household’s own tariff is no dearer than the rate', async () => {
  using hub = given({
    energy: { [corner]: 3_000 },
    rules: { [corner]: { ownTariff: 1_500 as never } },
  });
  const slot = evening(hub, 1_200);
  await ask(hub, slot);
  assert.is(hub.books.rounds.adviceOf(slot, corner)?.sellWh, 3_000);
});

advising('is given once per round, however often it is asked for', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = aRound(hub, { [corner]: 3_000 });
  await ask(hub, slot);
  await ask(hub, slot);
  assert.is(heard(hub, 'advice.given').length, 1);
});

const day = 96;

/** Nobody bought. */
const isOver = ({ books, clock }: GivenHub, slot: SlotNumber): void =>
  books.rounds.clear(
    slot,
    { rate: books.settings.at(clock.now()).rate, offeredLots: 0, askedLots: 0, matchedLots: 0 },
    [],
    clock.now(),
  );

advising('leaves what it kept before as it is, and decides about the rest', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = evening(hub, 1_200);
  await ask(hub, slot);
  isOver(hub, slot);
  const later = aRound(hub, { [corner]: 3_000 });
  await ask(hub, later);
  isOver(hub, later);
  const advice = hub.books.rounds.adviceOf(later, corner);
  assert.equal([advice?.keepWh, advice?.sellWh], [1_200, 1_800]);
  hub.books.settings.change('advicePolicy', 1, hub.clock.now());
  const last = aRound(hub, { [corner]: 3_000 });
  await ask(hub, last);
  const all = hub.books.rounds.adviceOf(last, corner);
  assert.equal([all?.keepWh, all?.sellWh, all?.record?.policy], [1_200, 1_800, 'sell all']);
});

advising('keeps with the advice what was known then', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  const slot = evening(hub, 1_200);
  await ask(hub, slot);
  const record = hub.books.rounds.adviceOf(slot, corner)?.record;
  assert.is(record?.policy, 'quantile rule');
  assert.is(record?.ruleKeepWh, 1_200);
  assert.equal(record?.known.needWh, [1_200, 1_200, 1_200]);
  assert.equal([record?.known.days, record?.known.sunAhead], [1, null]);
  assert.match(record?.reasonSw ?? '', /^Weka Wh 1200 na uza Wh 1800\./);
});

advising('learns the house itself where a meter counts the roof', async () => {
  using hub = given({ energy: { [corner]: 9_000 } });
  const first = firstSlot as number;
  for (let slot = first; slot < first + day; slot++)
    hub.books.energy.closeSlot({
      ...{ slot: slot as SlotNumber, at: slotEnd(slot as SlotNumber), counted: new Map() },
      energies: [
        {
          ...{ household: corner, exportedWh: wattHours(300), importedWh: wattHours(0) },
          ...{ late: false, generatedWh: wattHours(400) },
        },
      ],
      ...{ postings: [], intents: [], roundDue: false },
    });
  const past = hub.books.energy.pastOf(corner, (first + day) as SlotNumber);
  assert.equal([past.sunWh[5], past.loadWh[5], past.loadWh.length], [400, 100, day]);
});

const wording = suite('wording the advice');

/** Says `opinion` and remembers what it was asked. */
const says = (hub: GivenHub, opinion: Partial<Opinion>, asked: AdviceQuestion[] = []) =>
  Object.assign(hub, {
    secondOpinion: {
      health: () => ({ mode: 'on' as const, state: 'ok' as const, detail: '' }),
      ask: async (question: AdviceQuestion) => {
        asked.push(question);
        const usual = {
          ...{ action: 'sell' as const, sellWh: 0, model: 'm' },
          words: { en: 'Clouds.', sw: 'Mawingu.' },
          ...{ prompt: '{}', promptHash: 'p', answerHash: 'a' },
        };
        return { ok: true as const, value: { ...usual, ...opinion } };
      },
    },
  });

async function worded(opinion: Partial<Opinion>, asked: AdviceQuestion[] = []) {
  using hub = given({ energy: { [corner]: 3_000 } });
  await ask(hub, aRound(hub, { [corner]: 3_000 }));
  const [event] = heard(hub, 'advice.given');
  assert.ok(event);
  await wordAdvice(says(hub, opinion, asked), event);
  return hub.books.views.advice(1)[0];
}

wording('keeps the model’s words beside the policy’s decision, and never above it', async () => {
  const asked: AdviceQuestion[] = [];
  const greedy = await worded({ sellWh: 99_000 }, asked);
  assert.equal([greedy?.sellWh, greedy?.opinionSellWh], [3_000, 3_000]);
  assert.equal([greedy?.opinionReason, greedy?.opinionReasonSw], ['Clouds.', 'Mawingu.']);
  assert.is((await worded({ sellWh: 500 }))?.opinionSellWh, 500);
  assert.is((await worded({ action: 'hold', sellWh: 500 }))?.opinionSellWh, 0);
  assert.is((await worded({ sellWh: -4 }))?.opinionSellWh, 0);
  assert.equal(
    Object.values(asked[0] ?? {}).map((value) => typeof value),
    Array(8).fill('number'),
    'only numbers leave the hub',
  );
});

wording(
  'uses its own words where the model’s hold a figure that the hub did not compute',
  async () => {
    const words = { en: 'Sell 3000 Wh, call 254700123456.', sw: 'Uza Wh 3000.' };
    const line = await worded({ sellWh: 3_000, words });
    assert.equal([line?.opinionSellWh, line?.opinionReason], [3_000, null]);
    assert.match(line?.reason ?? '', /^Sell 3000 Wh\./);
    const good = await worded({
      sellWh: 2_000,
      words: { en: 'Sell 2000 Wh.', sw: 'Uza kWh 2.0.' },
    });
    assert.is(good?.opinionReason, 'Sell 2000 Wh.', 'its own amount, as the hub clamped it');
  },
);

wording('does without, when nobody answers or no key is there', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  await ask(hub, aRound(hub, { [corner]: 3_000 }));
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

const changing = suite('a language model that may change a decision');

/** Thirty days on which the model's opinions were worth so much more than the policy. */
function aRecord(hub: GivenHub, betterCents: number): void {
  for (let day = 1; day <= 30; day++)
    hub.books.advice.saveScores(day, [
      {
        ...{ household: corner, gainedCents: 100, possibleCents: 900 },
        ...{ ruleCents: 100 * day, opinionCents: 100 * day + betterCents + (day % 3) },
      },
    ]);
}

async function decided(betterCents: number, opinion: Partial<Opinion>) {
  using hub = given({ energy: { [corner]: 3_000 } });
  aRecord(hub, betterCents);
  const asked: AdviceQuestion[] = [];
  const slot = aRound(hub, { [corner]: 3_000 });
  await ask(says(hub, opinion, asked), slot);
  const advice = hub.books.rounds.adviceOf(slot, corner);
  assert.is(heard(hub, 'advice.given')[0]?.sellWh, advice?.sellWh);
  return { ...advice, asked: asked.length };
}

changing(
  'sells less while its record beats the policy, and the policy’s part is kept',
  async () => {
    const { sellWh, keepWh, source, record } = await decided(50, { sellWh: 1_000 });
    assert.equal([sellWh, keepWh, source, record?.ruleKeepWh], [1_000, 2_000, 'model', 0]);
  },
);

changing('sells no more than the policy even then', async () => {
  const { sellWh, source } = await decided(50, { sellWh: 99_000 });
  assert.equal([sellWh, source], [3_000, 'rule']);
});

changing('is not even asked before the decision while its record is no better', async () => {
  const { sellWh, source, asked } = await decided(-5, { sellWh: 1_000 });
  assert.equal([sellWh, source, asked], [3_000, 'rule', 0]);
});

changing('changes nothing when its answer does not come', async () => {
  using hub = given({ energy: { [corner]: 3_000 } });
  aRecord(hub, 50);
  const slot = aRound(hub, { [corner]: 3_000 });
  const silent = {
    ...says(hub, {}).secondOpinion,
    ask: async () => ({ ok: false as const, error: 'late' }),
  };
  await ask(Object.assign(hub, { secondOpinion: silent }), slot);
  assert.equal(hub.books.rounds.adviceOf(slot, corner)?.source, 'rule');
});

advising.run();
wording.run();
changing.run();
