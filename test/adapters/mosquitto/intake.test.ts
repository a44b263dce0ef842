import type { IPublishPacket } from 'mqtt-packet';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Announcements,
  announcementsWaitingMax,
} from '../../../gateway/adapters/mosquitto/announcements.ts';
import { BackOff, usualPatience } from '../../../gateway/adapters/mosquitto/back-off.ts';
import { Intake } from '../../../gateway/adapters/mosquitto/intake.ts';
import { Refusals } from '../../../gateway/adapters/mosquitto/refusals.ts';
import { isAwaited, meterIn } from '../../../gateway/adapters/mosquitto/topics.ts';
import { aSink, corner, readingTopic, silent } from './given.ts';

const intaking = suite('between the wire and the disk');

const said = (messageId: number, differs: Partial<IPublishPacket> = {}): IPublishPacket => ({
  ...{ cmd: 'publish', qos: 1, dup: false, retain: false, messageId },
  ...{ topic: readingTopic(corner), payload: Buffer.from(String(messageId)), ...differs },
});

/** An intake on a sink for `most` readings, with what it did to its wire. */
function given(most: number, pendingMax: number) {
  const sink = aSink(most);
  const did: string[] = [];
  const refusals = new Refusals(silent);
  const wire = {
    write: (bytes: Uint8Array) => void did.push(Buffer.from(bytes).toString('hex')),
    pause: () => void did.push('pause'),
    resume: () => void did.push('resume'),
  };
  const asked: string[] = [];
  const isRegistered = (meter: string) => asked.push(meter) > 0;
  const intake = new Intake(wire, { sink, isRegistered, refusals, pendingMax });
  sink.onSettled(() => intake.settled());
  return { sink, did, refusals, intake, asked, look: () => did.splice(0) };
}

intaking('a full disk stops the wire, and each commit lets it go on where it stopped', () => {
  const { sink, intake, look } = given(2, 100);
  for (const id of [1, 2]) intake.take(said(id));
  assert.equal(look(), []);
  for (const id of [3, 4, 5]) intake.take(said(id));
  assert.equal(look(), ['pause']);
  assert.is(sink.counts.refused, 1, 'while one waits, the later ones are not even offered');
  sink.settle();
  assert.equal(look(), ['4002000140020002'], 'two fit again, one still waits');
  sink.settle();
  assert.equal(look(), ['4002000340020004', 'resume']);
  sink.settle();
  assert.equal(look(), ['40020005']);
  assert.equal(sink.stored, ['1', '2', '3', '4', '5']);
});

intaking('no more than the limit waits for the disk', () => {
  const { sink, intake, look } = given(100, 2);
  intake.take(said(1));
  assert.equal(look(), []);
  intake.take(said(2));
  assert.equal(look(), ['pause']);
  sink.settle();
  assert.equal(look(), ['4002000140020002', 'resume']);
});

intaking('asks once per commit whether a meter is still registered', () => {
  const { sink, intake, asked } = given(100, 100);
  for (const id of [1, 2, 3]) intake.take(said(id));
  assert.is(asked.length, 1);
  sink.settle();
  intake.take(said(4));
  assert.is(asked.length, 2);
});

intaking('what is refused gets its PUBACK, else it would come for ever', () => {
  const { sink, intake, refusals, look } = given(100, 100);
  intake.take(said(258, { retain: true }));
  assert.equal(look(), ['40020102']);
  intake.take(said(0, { qos: 0 }));
  assert.equal(look(), [], 'QoS 0 has none');
  intake.take(said(2, { topic: 'jirani/v1/meters/a/b/reading' }));
  intake.take(said(3, { topic: 'jirani/v1/elsewhere' }));
  assert.equal(look(), ['40020002', '40020003']);
  const counts = refusals.counts();
  assert.equal(
    [counts['retained-reading'], counts['wrong-qos'], counts['foreign-topic']],
    [1, 1, 2],
  );
  assert.is(sink.taken.length, 0);
});

const announced = (topic: string, payload: string, retain = false) => ({ topic, payload, retain });

/** What goes over a wire that can be plugged in. */
function announcing() {
  const sent: string[] = [];
  const refusals = new Refusals(silent);
  const announcements = new Announcements(refusals);
  const connect = () =>
    announcements.connected(
      ({ topic, payload, messageId, dup }) =>
        void sent.push(`${messageId}${dup ? '!' : ''} ${topic} ${payload}`),
    );
  return { announcements, refusals, connect, look: () => sent.splice(0) };
}

intaking('of states that wait for the broker only the newest is said, of news all', () => {
  const { announcements, connect, look } = announcing();
  announcements.add(announced('rate', '1', true));
  announcements.add(announced('advice', 'a'));
  announcements.add(announced('advice', 'b'));
  announcements.add(announced('rate', '2', true));
  connect();
  assert.equal(look(), ['1 advice a', '2 advice b', '3 rate 2']);
});

intaking('an announcement that was not acknowledged is repeated under its number', () => {
  const { announcements, connect, look } = announcing();
  connect();
  for (const payload of ['a', 'b']) announcements.add(announced('advice', payload));
  announcements.acknowledged(1);
  announcements.disconnected();
  announcements.add(announced('advice', 'c'));
  assert.equal(look(), ['1 advice a', '2 advice b']);
  connect();
  assert.equal(look(), ['2! advice b', '3 advice c']);
});

intaking('few announcements are on their way at once, and the next follows a PUBACK', () => {
  const { announcements, connect, look } = announcing();
  connect();
  for (let number = 0; number < 300; number += 1) announcements.add(announced('n', String(number)));
  assert.is(look().length, 256);
  announcements.acknowledged(7);
  assert.equal(look(), ['257 n 256']);
});

intaking('a broker that is away too long loses the oldest announcements, which is counted', () => {
  const { announcements, refusals, connect, look } = announcing();
  for (let number = 0; number < announcementsWaitingMax; number += 1)
    announcements.add(announced('n', String(number)));
  assert.is(refusals.counts()['announcement-dropped'], 0);
  announcements.add(announced('n', 'one too many'));
  assert.is(refusals.counts()['announcement-dropped'], 1);
  connect();
  assert.is(look()[0], '1 n 1');
});

intaking('calls again ever later, up to half a minute, and not in step with others', () => {
  const backOff = new BackOff(usualPatience);
  const waits = (times: number) => Array.from({ length: times }, () => backOff.ended(0, 0));
  assert.equal(waits(7), [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000]);
  waits(2_000);
  assert.is(backOff.ended(0, 1), 30_000);
});

intaking('calls at once only after a good connection, and that one counts once', () => {
  const backOff = new BackOff(usualPatience);
  backOff.ended(0, 0);
  backOff.arrived(1_000);
  assert.is(backOff.ended(31_000, 0), 500, 'it was put out again too soon');
  backOff.arrived(40_000);
  assert.is(backOff.ended(70_001, 0), 250);
  assert.is(backOff.ended(900_000, 0), 500, 'nobody has answered since');
});

intaking('a meter is one level of a topic', () => {
  assert.is(meterIn('jirani/v1/meters/m-1.a:b/reading', 'reading'), 'm-1.a:b');
  for (const id of ['', 'a/b', 'x'.repeat(65), '+', 'é', 'a b'])
    assert.is(meterIn(`jirani/v1/meters/${id}/reading`, 'reading'), undefined, id);
  assert.is(meterIn('jirani/v1/meters/m/status', 'reading'), undefined);
});

intaking('awaits states and words, and nothing beside them', () => {
  for (const topic of [
    'meters/m/info',
    'meters/m/ack/1/2',
    'flows/heartbeat',
    'households/h/card/c',
  ])
    assert.ok(isAwaited(`jirani/v1/${topic}`), topic);
  for (const topic of ['meters/m/infos', 'meters/m/ack', 'trades/t/state', 'households/h/card/c/d'])
    assert.not.ok(isAwaited(`jirani/v1/${topic}`), topic);
});

intaking.run();
