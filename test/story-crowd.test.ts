import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HouseholdId } from '../gateway/core/ids.ts';
import { slotNumber, wattHours } from '../gateway/core/units.ts';
import type { HubEvent, Journey, Tell } from '../gateway/events/hub-event.ts';
import { beginStory, type Together } from '../gateway/story.ts';

const telling = suite('what a crowd tells at once');

const slot = slotNumber(1_996_000);
const slotClosed: HubEvent = { name: 'slot.closed', slot, inTime: true };
const roundReady: HubEvent = { name: 'round.ready', slot };
const surplus = (household: string): HubEvent => ({
  ...{ name: 'surplus.found', slot, household: household as HouseholdId },
  energyWh: wattHours(2_000),
});

/** A story that notes what is seen in it, and every event that its listener hears. */
function aStory(together: (note: (line: string) => void) => Together) {
  const [seen, troubles]: [string[], string[]] = [[], []];
  const note = (line: string): void => void seen.push(line);
  const trouble = (what: string, error: unknown): void =>
    void troubles.push(`${what}: ${error instanceof Error ? error.message : error}`);
  const story = beginStory((tell) => threeRoofs(tell, note), trouble, together(note));
  story.subscribe(({ name }) => note(`page hears ${name}`));
  return { ...story, seen, troubles };
}

/** Three roofs have energy to spare, and each is advised. */
const threeRoofs = (tell: Tell, note: (line: string) => void): Journey => ({
  'slot.closed': [
    () => {
      for (const one of ['tabitha', 'otieno', 'wanjiru']) tell(surplus(one));
    },
  ],
  'surplus.found': [
    ({ household }) => {
      note(`advise ${household}`);
      if (household === 'otieno') tell(roundReady);
    },
  ],
});

telling('commits together what a crowd tells, and tells nobody before it is on the disk', () => {
  const story = aStory((note) => (work) => {
    note('begin');
    work();
    note('commit');
  });
  story.tell(slotClosed);
  assert.equal(story.seen.slice(4), [
    ...['begin', 'advise tabitha', 'advise otieno', 'advise wanjiru', 'commit'],
    'page hears round.ready',
  ]);
});

telling('has not happened for a crowd whose commit fails, and goes on after it', () => {
  const story = aStory(() => (work) => {
    work();
    throw new Error('the disk is full');
  });
  story.tell(slotClosed);
  assert.not(story.seen.includes('page hears round.ready'));
  assert.equal(story.troubles, ['after surplus.found: the disk is full']);
  story.tell(roundReady);
  assert.ok(story.seen.includes('page hears round.ready'));
});

telling.run();
