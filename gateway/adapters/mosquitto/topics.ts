/** What the hub hears and what its neighbours may say on an existing broker: contract.md, section MQTT. */
import type { MeterId } from '../../core/ids.ts';

export const topicPrefix = 'jirani/v1/';

/** How Home Assistant finds meters; the hub says it, and nobody else. */
export const discoveryFilter = 'homeassistant/device/+/config';

const metersPrefix = `${topicPrefix}meters/`;

/** A meter's id is one level of a topic. */
const topicLevel = /^[\w.:-]{1,64}$/;

export const readingFilter = `${metersPrefix}+/reading`;

/** States: each is retained, so that the newest one comes with every subscription and none needs to wait. */
export const stateFilters = ['meters/+/status', 'meters/+/info', 'flows/gates'].map(prefixed);

/** Words that are said once: they wait in the hub's session while it is away. */
export const wordFilters = [
  'meters/+/ack/#',
  'proposals/+/decision',
  'flows/heartbeat',
  'households/+/card/+',
].map(prefixed);

/** What flows may say and hear. */
export const flowsRights = {
  write: ['proposals/+/decision', 'flows/heartbeat', 'flows/gates', 'households/+/card/+'].map(
    prefixed,
  ),
  read: [
    'households/#',
    'proposals/#',
    'trades/#',
    'advice/#',
    'market/#',
    'board/#',
    'alerts/#',
  ].map(prefixed),
};

/** What Home Assistant may: say that it is there, and hear how meters are found and what is shown of them. */
export const displayRights = {
  write: ['homeassistant/status'],
  read: ['homeassistant/#', ...['meters/+/status', 'meters/+/display'].map(prefixed)],
};

/** What a meter may say and hear: its own, and the hub's clock. */
export const meterRights = (meter: MeterId) => ({
  write: ['reading', 'status', 'info', 'state', 'ack/#'].map(
    (last) => `${metersPrefix}${meter}/${last}`,
  ),
  read: [`${metersPrefix}${meter}/#`, prefixed('time')],
});

/** Whether it is one of the states and words above. */
export const isAwaited = (topic: string): boolean =>
  [...stateFilters, ...wordFilters].some((filter) => matches(topic, filter));

/** Whose topic `meters/<id>/LAST` it is; undefined for every other topic. */
export function meterIn(topic: string, last: 'reading' | 'status'): MeterId | undefined {
  if (!topic.startsWith(metersPrefix) || !topic.endsWith(`/${last}`)) return undefined;
  const id = topic.slice(metersPrefix.length, -last.length - 1);
  return isMeterId(id) ? id : undefined;
}

/** Whether a line of an ACL, and a topic, may name it. */
export const isMeterId = (id: string): id is MeterId => topicLevel.test(id);

/** Wildcards as in MQTT 3.1.1 section 4.7; of the filters above none has `#` for no level at all. */
function matches(topic: string, filter: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const isOpen = wanted.at(-1) === '#';
  if (isOpen ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  return wanted.every((want, index) => want === '#' || want === '+' || want === levels[index]);
}

function prefixed(topic: string): string {
  return topicPrefix + topic;
}
