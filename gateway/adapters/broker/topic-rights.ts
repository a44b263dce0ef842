/** Who may say and hear what on the local broker: contract.md, section MQTT. All else is refused. */
import type { MeterId } from '../../core/ids.ts';
import type { Identity } from '../../ports/credentials.ts';

export const topicPrefix = 'jirani/v1/';

export type Rights = {
  readonly publish: readonly string[];
  /** Topics whose last word may be retained; few and fixed, so that they cannot pile up. */
  readonly retain: readonly string[];
  readonly subscribe: readonly string[];
};

const flowsRights: Rights = {
  publish: prefixed([
    'proposals/+/decision',
    'flows/heartbeat',
    'flows/gates',
    'households/+/card/+',
  ]),
  retain: prefixed(['flows/gates', 'households/+/card/+']),
  subscribe: prefixed([
    'households/#',
    'proposals/#',
    'trades/#',
    'advice/#',
    'market/#',
    'board/#',
    'alerts/#',
  ]),
};

/** Home Assistant: it says when it comes and goes, hears how meters are found, and what may be shown of them. */
const displayRights: Rights = {
  publish: ['homeassistant/status'],
  retain: [],
  subscribe: ['homeassistant/#', ...prefixed(['meters/+/status', 'meters/+/display'])],
};

export function rightsOf(identity: Identity): Rights {
  if (identity.kind === 'flows') return flowsRights;
  if (identity.kind === 'display') return displayRights;
  const own = (topic: string): string => `meters/${identity.meter}/${topic}`;
  return {
    publish: prefixed(['status', 'info', 'state', 'ack/#'].map(own)),
    retain: prefixed(['status', 'info', 'state'].map(own)),
    subscribe: prefixed([own('#'), 'time']),
  };
}

export const readingTopicOf = (meter: MeterId): string => `${topicPrefix}meters/${meter}/reading`;

export const isWithinAny = (filter: string, allowed: readonly string[]): boolean =>
  allowed.some((pattern) => isWithin(filter, pattern));

/**
 * Whether everything that `filter` can match is matched by `allowed` too; a plain topic is a filter that
 * matches itself. Wildcards as in MQTT 3.1.1 section 4.7: `a/#` matches `a` as well.
 */
export function isWithin(filter: string, allowed: string): boolean {
  const asked = filter.split('/');
  const granted = allowed.split('/');
  for (const [index, grant] of granted.entries()) {
    if (grant === '#') return true;
    const level = asked[index];
    if (level === undefined) return false;
    if (level === '#' || (grant !== '+' && grant !== level)) return false;
  }
  return asked.length === granted.length;
}

function prefixed(topics: readonly string[]): string[] {
  return topics.map((topic) => topicPrefix + topic);
}
