import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { slotEnd } from '../../gateway/core/slot.ts';
import { findSurplus } from '../../gateway/steps/find-surplus.ts';
import { type GivenHub, given, heard } from '../support/given.ts';
import { corner, firstSlot, kiosk, nine, school, tailor } from '../support/neighbourhood.ts';

const finding = suite('finding who has energy to spare');

/** The first slot is closed and its round is due. */
function due(belongings: Parameters<typeof given>[0] = {}): GivenHub {
  const hub = given(belongings);
  hub.clock.set(slotEnd(firstSlot));
  hub.books.energy.closeSlot({
    ...{ slot: firstSlot, at: slotEnd(firstSlot), energies: [], counted: new Map() },
    ...{ postings: [], intents: [], roundDue: true },
  });
  return hub;
}
const find = (hub: GivenHub, inTime = true) =>
  findSurplus(hub, { name: 'slot.closed', slot: firstSlot, inTime });
const found = (hub: GivenHub) =>
  heard(hub, 'surplus.found').map(({ household, energyWh }) => [household, energyWh]);

finding('asks those who have at least the threshold', () => {
  using hub = due({ energy: { [corner]: 1_000, [tailor]: 999 } });
  find(hub);
  assert.equal(found(hub), [[corner, 1_000]]);
  assert.equal(hub.books.rounds.sellersOf(firstSlot), [{ household: corner, energyWh: 1_000 }]);
  assert.is(hub.books.rounds.open(), firstSlot);
});

finding('follows the threshold that the keeper sets', () => {
  using hub = due({ energy: { [corner]: 2_000, [tailor]: 1_999 } });
  hub.books.settings.change('surplusThresholdWh', 2_000, nine);
  find(hub);
  assert.equal(found(hub), [[corner, 2_000]]);
});

finding('leaves alone who sells by hand only, who only buys, and the school', () => {
  const energy = { [corner]: 5_000, [kiosk]: 5_000, [tailor]: 5_000, [school]: 5_000 };
  using hub = due({ energy, rules: { [corner]: { autoSell: false } } });
  find(hub);
  assert.equal(found(hub), [[tailor, 5_000]]);
});

finding('clears a round that nobody sells in at once', () => {
  using hub = due();
  find(hub);
  assert.equal(found(hub), []);
  assert.equal(heard(hub, 'round.ready'), [{ name: 'round.ready', slot: firstSlot }]);
});

finding('skips the market while the round before is not finished', () => {
  using hub = due({ energy: { [corner]: 5_000 } });
  find(hub);
  const next = slotEnd(firstSlot) / 900_000;
  hub.books.energy.closeSlot({
    ...{ slot: next as never, at: hub.clock.now(), energies: [], counted: new Map() },
    ...{ postings: [], intents: [], roundDue: true },
  });
  findSurplus(hub, { name: 'slot.closed', slot: next as never, inTime: true });
  assert.is(found(hub).length, 1);
  assert.is(hub.books.rounds.open(), firstSlot);
  assert.is(hub.books.rounds.due(), undefined, 'the next one is not waiting either');
});

finding('holds one round per slot, and none for a slot of a backlog', () => {
  using late = due({ energy: { [corner]: 5_000 } });
  find(late, false);
  assert.equal(found(late), []);
  find(late);
  find(late);
  assert.is(found(late).length, 1);
});

finding.run();
