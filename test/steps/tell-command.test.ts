/** What a meter is told: kept first, said while it is there, obeyed once or not at all. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeterId } from '../../gateway/core/ids.ts';
import { type MeterCommand, openCommandsMax, stateOf } from '../../gateway/core/meter-command.ts';
import { hearAnswer } from '../../gateway/steps/hear-answer.ts';
import { orderCommand } from '../../gateway/steps/order-command.ts';
import { tellCommand } from '../../gateway/steps/tell-command.ts';
import { given } from '../support/given.ts';

const telling = suite('telling a meter');

/** A hub with one meter of its registry, which is there or not, and notes what it is told. */
function aHubWithMeter() {
  const hub = given();
  const meter = hub.books.households.registrations()[0]?.meter as MeterId;
  const told: MeterCommand[] = [];
  const state = { isThere: true, timesTold: 0 };
  const line = {
    isThere: (asked: MeterId) => state.isThere && asked === meter,
    tell: (command: MeterCommand) => void told.push(command),
    tellTime: () => {
      state.timesTold += 1;
    },
  };
  const needs = { ...hub, line };
  const identify = (seconds = 60) => {
    const ordered = orderCommand(needs, meter, { name: 'identify', args: { for_s: 30 } }, seconds);
    if (!ordered.ok) throw new Error(ordered.error);
    return ordered.value.id;
  };
  return {
    ...{ hub, needs, meter, told, state, identify },
    deeds: () => hub.books.deeds.due(hub.clock.now(), 99, ['tell-command']).length,
    stateOf: (id: string) => {
      const command = hub.books.meters.command(id);
      return command && stateOf(command, hub.clock.now());
    },
    [Symbol.dispose]: () => hub[Symbol.dispose](),
  };
}

telling(
  'is an intention in the books before anything is said, and ends with the answer',
  async () => {
    using a = aHubWithMeter();
    const id = a.identify();
    assert.equal([a.stateOf(id), a.deeds(), a.told.length], ['waiting', 1, 0]);
    await tellCommand(a.needs, id);
    assert.equal([a.stateOf(id), a.deeds(), a.told[0]?.id], ['told', 1, id]);
    hearAnswer(a.needs, 'another-meter' as MeterId, id, 'done');
    assert.is(a.stateOf(id), 'told', 'only its own meter is believed');
    hearAnswer(a.needs, a.meter, id, 'done');
    assert.equal([a.stateOf(id), a.deeds()], ['answered', 0]);
    hearAnswer(a.needs, a.meter, id, 'repeated');
    assert.is(a.hub.books.meters.command(id)?.outcome, 'done', 'the first answer counts');
    await tellCommand(a.needs, id);
    assert.is(a.told.length, 1);
  },
);

telling('13: an expired command is never said, and never said again', async () => {
  using a = aHubWithMeter();
  a.state.isThere = false;
  const away = a.identify();
  await tellCommand(a.needs, away);
  a.hub.clock.advance(59_000);
  assert.equal([a.told.length, a.stateOf(away)], [0, 'waiting']);
  a.state.isThere = true;
  a.hub.clock.advance(1_000);
  await tellCommand(a.needs, away);
  assert.equal([a.told.length, a.stateOf(away), a.deeds()], [0, 'expired', 0]);
  const unanswered = a.identify();
  await tellCommand(a.needs, unanswered);
  a.hub.clock.advance(61_000);
  await tellCommand(a.needs, unanswered);
  assert.equal([a.told.length, a.stateOf(unanswered), a.deeds()], [1, 'expired', 0]);
  hearAnswer(a.needs, a.meter, unanswered, 'done');
  assert.is(a.stateOf(unanswered), 'answered', 'a late answer is still the truth');
});

telling('is repeated under its own id after ten seconds of silence, not before', async () => {
  using a = aHubWithMeter();
  const id = a.identify();
  await tellCommand(a.needs, id);
  a.hub.clock.advance(9_999);
  await tellCommand(a.needs, id);
  assert.is(a.told.length, 1);
  a.hub.clock.advance(1);
  await tellCommand(a.needs, id);
  assert.equal(
    a.told.map((command) => command.id),
    [id, id],
  );
});

telling('a meter without a clock hears the time, and the command once more', async () => {
  using a = aHubWithMeter();
  const id = a.identify();
  await tellCommand(a.needs, id);
  hearAnswer(a.needs, a.meter, id, 'no-clock');
  assert.equal([a.stateOf(id), a.state.timesTold], ['told', 1]);
  a.hub.clock.advance(10_000);
  await tellCommand(a.needs, id);
  assert.is(a.told.length, 2);
});

telling('is refused for strangers, and beyond what a meter remembers', () => {
  using a = aHubWithMeter();
  const nobody = orderCommand(
    a.needs,
    'nobody' as MeterId,
    { name: 'relay', args: { on: true } },
    60,
  );
  assert.equal(nobody, { ok: false, error: 'unknown-meter' });
  for (let n = 0; n < openCommandsMax; n++) a.identify();
  const tooMany = orderCommand(a.needs, a.meter, { name: 'relay', args: { on: true } }, 60);
  assert.equal(tooMany, { ok: false, error: 'too-many' });
  a.hub.clock.advance(61_000);
  a.identify();
});

telling('lives no longer than a meter with a clock a minute behind would bear', () => {
  using a = aHubWithMeter();
  const id = a.identify(100_000);
  const command = a.hub.books.meters.command(id);
  assert.is((command?.expiresAt ?? 0) - a.hub.clock.now(), 540_000);
});

telling.run();
