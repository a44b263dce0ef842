/** Publishes what happened to whoever listens. */
import type { Aedes } from 'aedes';
import type { MeterBroker } from '../../ports/broker.ts';
import type { Refusals } from './refusals.ts';
import { topicPrefix } from './topic-rights.ts';

/** Announcements that may wait for slow listeners; more are dropped and counted. */
const announcementsPendingMax = 10_000;

type Said = { readonly topic: string; readonly payload: string; readonly retain: boolean };

/** What the hub itself says on its broker. */
export function speakerOn(aedes: Aedes, refusals: Refusals) {
  let pending = 0;
  const say = ({ topic, payload, retain }: Said): void => {
    if (aedes.closed || pending >= announcementsPendingMax) {
      refusals.count('announcement-dropped');
      return;
    }
    pending += 1;
    aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => {
      pending -= 1;
    });
  };
  return {
    announce: (topic, body, { retain = false } = {}) =>
      say({ topic: topicPrefix + topic, payload: JSON.stringify(body) ?? '', retain }),
    advertise: (topic, payload) => say({ topic, payload, retain: true }),
  } satisfies Pick<MeterBroker, 'announce' | 'advertise'>;
}
