/** Publishes what happened to whoever listens. */
import type { Aedes } from 'aedes';
import type { Announcer } from '../../ports/announcer.ts';
import type { Refusals } from './refusals.ts';
import { topicPrefix } from './topic-rights.ts';

/** Announcements that may wait for slow listeners; more are dropped and counted. */
const announcementsPendingMax = 10_000;

export function announcerOn(aedes: Aedes, refusals: Refusals): Announcer['announce'] {
  let pending = 0;
  return (topic, body, { retain = false } = {}) => {
    if (aedes.closed || pending >= announcementsPendingMax) {
      refusals.count('announcement-dropped');
      return;
    }
    pending += 1;
    const payload = JSON.stringify(body) ?? '';
    aedes.publish(
      { cmd: 'publish', topic: topicPrefix + topic, payload, qos: 1, retain, dup: false },
      () => {
        pending -= 1;
      },
    );
  };
}
