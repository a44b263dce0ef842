import { setImmediate as nextTurn } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../gateway/core/ids.ts';
import { slotNumber } from '../gateway/core/units.ts';
import type { HubEvent, Journey, Tell } from '../gateway/events/hub-event.ts';
import { beginStory, type Story } from '../gateway/story.ts';

const telling = suite('events that follow one another');

const slot = slotNumber(1_996_000);
const slotClosed: HubEvent = { name: 'slot.closed', slot, inTime: true };
const roundReady: HubEvent = { name: 'round.ready', slot };
const cleared = (trades: number): HubEvent => ({ name: 'round.cleared', slot, trades });
const fundsMissing: HubEvent = { name: 'funds.missing', buyer: 'kiosk' as HouseholdId };

type Told = Story & { readonly seen: string[]; readonly troubles: string[] };

/** A story that notes what is seen in it; `journey` may note more. */
function aStory(journey: (tell: Tell, note: (line: string) => void) => Journey): Told {
  const [seen, troubles]: [string[], string[]] = [[], []];
  const note = (line: string): void => {
    seen.push(line);
  };
  const trouble = (what: string, error: unknown): void => {
    troubles.push(`${what}: ${error instanceof Error ? error.message : error}`);
  };
  return { ...beginStory((tell) => journey(tell, note), trouble), seen, troubles };
}

/** Something outside that answers when the test says so. */
function aPhone() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return { rings: promise, answers: resolve, breaks: reject };
}

const boom = (what: string): never => {
  throw new Error(what);
};

telling('is heard by every listener first, then acted on by each step in order', () => {
  const story = aStory((_, note) => ({
    'slot.closed': [() => note('move rate'), () => note('burn used'), () => note('find surplus')],
    'round.ready': [() => note('match buyers')],
  }));
  story.subscribe((event) => story.seen.push(`page hears ${event.name}`));
  story.subscribe((event) => story.seen.push(`meter hears ${event.name}`));
  story.tell(slotClosed);
  assert.equal(story.seen, [
    'page hears slot.closed',
    'meter hears slot.closed',
    'move rate',
    'burn used',
    'find surplus',
  ]);
  assert.equal(story.troubles, []);
});

telling('brings the event itself to listeners and steps', () => {
  const heard: HubEvent[] = [];
  const story = aStory(() => ({ 'slot.closed': [(event) => void heard.push(event)] }));
  story.subscribe((event) => void heard.push(event));
  story.tell(slotClosed);
  assert.equal(heard, [slotClosed, slotClosed]);
});

telling('is at peace with an event that leads nowhere', () => {
  const story = aStory(() => ({}));
  story.subscribe((event) => story.seen.push(event.name));
  story.tell(roundReady);
  assert.equal([story.seen, story.troubles], [['round.ready'], []]);
});

telling('finishes one event before the one that its steps tell of', () => {
  const story = aStory((tell, note) => ({
    'slot.closed': [
      () => {
        note('find surplus');
        tell(roundReady);
        note('surplus found');
      },
      () => note('burn used'),
    ],
    'round.ready': [() => note('match buyers')],
  }));
  story.tell(slotClosed);
  assert.equal(story.seen, ['find surplus', 'surplus found', 'burn used', 'match buyers']);
});

telling('follows what was told at once in the order in which it was told', () => {
  const story = aStory((tell, note) => ({
    'slot.closed': [() => tell(cleared(1)), () => tell(cleared(2))],
    'round.cleared': [
      ({ trades }) => {
        note(`round ${trades}`);
        if (trades < 3) tell(cleared(trades + 10));
      },
    ],
  }));
  story.tell(slotClosed);
  assert.equal(story.seen, ['round 1', 'round 2', 'round 11', 'round 12']);
});

telling('queues what a listener tells, too', () => {
  const story = aStory((_, note) => ({
    'slot.closed': [() => note('find surplus')],
    'round.ready': [() => note('match buyers')],
  }));
  story.subscribe(({ name }) => name === 'slot.closed' && story.tell(roundReady));
  story.tell(slotClosed);
  assert.equal(story.seen, ['find surplus', 'match buyers']);
});

telling('lets a step that fails stop neither the others nor what follows', () => {
  const story = aStory((tell, note) => ({
    'slot.closed': [() => boom('no rate'), () => note('burn used'), () => tell(roundReady)],
    'round.ready': [() => note('match buyers')],
  }));
  story.tell(slotClosed);
  assert.equal(story.seen, ['burn used', 'match buyers']);
  assert.equal(story.troubles, ['after slot.closed: no rate']);
});

telling('lets a listener that fails stop nobody', () => {
  const story = aStory((_, note) => ({ 'slot.closed': [() => note('find surplus')] }));
  story.subscribe(() => boom('the page is gone'));
  story.subscribe(() => story.seen.push('meter hears'));
  story.tell(slotClosed);
  assert.equal(story.seen, ['meter hears', 'find surplus']);
  assert.equal(story.troubles, ['listening to slot.closed: the page is gone']);
});

telling('does not wait for a step that asks somebody outside', async () => {
  const phone = aPhone();
  const story = aStory((_, note) => ({
    'slot.closed': [() => phone.rings.then(() => note('answered')), () => note('burn used')],
  }));
  story.tell(slotClosed);
  assert.equal(story.seen, ['burn used']);
  phone.answers();
  await story.settled();
  assert.equal(story.seen, ['burn used', 'answered']);
});

telling('takes the failure of such a step as trouble when it comes', async () => {
  const phone = aPhone();
  const story = aStory((_, note) => ({
    'slot.closed': [() => phone.rings],
    'round.ready': [() => note('match buyers')],
  }));
  story.tell(slotClosed);
  assert.equal(story.troubles, []);
  phone.breaks(new Error('no network'));
  await story.settled();
  assert.equal(story.troubles, ['after slot.closed: no network']);
  story.tell(roundReady);
  assert.equal(story.seen, ['match buyers']);
});

telling('follows what such a step tells later', async () => {
  const phone = aPhone();
  const story = aStory((tell, note) => ({
    'slot.closed': [() => phone.rings.then(() => tell(roundReady))],
    'round.ready': [() => note('match buyers')],
  }));
  story.tell(slotClosed);
  phone.answers();
  await story.settled();
  assert.equal(story.seen, ['match buyers']);
});

telling('is settled at once when nothing is under way', async () => {
  const story = aStory(() => ({}));
  await story.settled();
  story.tell(slotClosed);
  await story.settled();
});

telling('is settled only when the steps that follow slow steps are over, too', async () => {
  const [first, second] = [aPhone(), aPhone()];
  const story = aStory((tell, note) => ({
    'slot.closed': [() => first.rings.then(() => tell(roundReady))],
    'round.ready': [() => second.rings.then(() => note('match buyers'))],
  }));
  story.tell(slotClosed);
  const over = story.settled().then(() => story.seen.push('settled'));
  first.answers();
  await nextTurn();
  assert.equal(story.seen, []);
  second.answers();
  await over;
  assert.equal(story.seen, ['match buyers', 'settled']);
});

telling('ends for a listener that has heard enough, and for no other', () => {
  const story = aStory(() => ({}));
  const stopHearing = story.subscribe(() => story.seen.push('page'));
  story.subscribe(() => story.seen.push('meter'));
  story.tell(slotClosed);
  stopHearing();
  stopHearing();
  story.tell(slotClosed);
  assert.equal(story.seen, ['page', 'meter', 'meter']);
});

telling('follows nothing new once it is stopped, and lets slow steps end', async () => {
  const phone = aPhone();
  const story = aStory((tell, note) => ({
    'slot.closed': [() => phone.rings.then(() => note('answered')).then(() => tell(roundReady))],
    'round.ready': [() => note('match buyers')],
  }));
  story.subscribe(({ name }) => story.seen.push(`heard ${name}`));
  story.tell(slotClosed);
  story.stop();
  story.tell(fundsMissing);
  phone.answers();
  await story.settled();
  assert.equal(story.seen, ['heard slot.closed', 'answered']);
  assert.equal(story.troubles, []);
});

telling('still follows what was told before it was stopped', () => {
  const story: Told = aStory((tell, note) => ({
    'slot.closed': [() => tell(roundReady), () => story.stop(), () => tell(fundsMissing)],
    'round.ready': [() => note('match buyers')],
    'funds.missing': [() => note('ring')],
  }));
  story.tell(slotClosed);
  assert.equal(story.seen, ['match buyers']);
});

/** How far a circle may go before the test itself breaks it. */
const circleMost = 300_000;

for (const [shape, echoes] of [
  ['one event', 1],
  ['ever more events', 2],
] as const)
  telling(`ends a circle in which a step tells of ${shape} again and again`, () => {
    let turns = 0;
    const story = aStory((tell, note) => ({
      'round.ready': [
        () => {
          turns += 1;
          for (let echo = 0; echo < echoes && turns < circleMost; echo++) tell(roundReady);
        },
      ],
      'slot.closed': [() => note('find surplus')],
    }));
    story.tell(roundReady);
    assert.ok(turns < circleMost, 'nobody ended the circle');
    assert.equal(
      story.troubles.map((trouble) => /in a circle/.test(trouble)),
      [true],
    );
    story.tell(slotClosed);
    assert.equal(story.seen, ['find surplus']);
  });

telling.run();
