/** Lets events follow one another: each goes to those who listen, then to the steps that it leads to. */
import type { EventName, HubEvent, Journey, StepAfter, Tell } from './events/hub-event.ts';

export type Story = {
  readonly tell: Tell;
  /** Listeners hear every event before any step acts on it. Returns what ends listening. */
  subscribe(listener: (event: HubEvent) => void): () => void;
  /** Resolves when no event and no step is under way. */
  settled(): Promise<void>;
  /** Events told from now on are not followed: what they lead to waits in the books for the next start. */
  stop(): void;
};

/** Events that may follow from one that was told; more means that something tells in a circle. */
const followingMost = 100_000;

/** Commits together what is written in it, or nothing; throws when it cannot. */
export type Together = (work: () => void) => void;

/**
 * What a crowd tells at once, and what it leads to is only read and written in the books: one commit for all of them
 * instead of one for each, because on a hub's card a commit takes longer than a hundred households.
 */
const toldByACrowd: ReadonlySet<EventName> = new Set([
  'surplus.found',
  'advice.given',
  'proposal.made',
]);

/**
 * A step that fails is `trouble`: its write did not happen, and the books lead back to it. Listeners hear of an event
 * only when what led to it is on the disk.
 */
export function beginStory(
  journey: (tell: Tell) => Journey,
  trouble: (what: string, error: unknown) => void,
  together: Together = (work) => work(),
): Story {
  const listeners = new Set<(event: HubEvent) => void>();
  const underWay = new Set<Promise<void>>();
  const waiting: HubEvent[] = [];
  let [following, stopped] = [false, false];

  const attempt = (name: string, act: () => void | Promise<void>): void => {
    try {
      const pending: unknown = act();
      // A listener may be any function, and what it returns may be anything.
      if (!(pending instanceof Promise)) return;
      const watched = pending
        .catch((error: unknown) => trouble(name, error))
        .finally(() => underWay.delete(watched));
      underWay.add(watched);
    } catch (error) {
      trouble(name, error);
    }
  };
  const hear = (told: HubEvent): void => {
    for (const listen of listeners) attempt(`listening to ${told.name}`, () => listen(told));
  };
  const act = (told: HubEvent): void => {
    const steps = (path[told.name] ?? []) as readonly StepAfter<EventName>[];
    for (const step of steps) attempt(`after ${told.name}`, () => step(told as never));
  };
  const actTogether = (crowd: readonly HubEvent[], name: EventName): void => {
    const before = waiting.length;
    try {
      together(() => crowd.forEach(act));
    } catch (error) {
      // Nothing of it was written, so nothing of what it told has happened.
      waiting.length = before;
      trouble(`after ${name}`, error);
    }
  };
  const followAll = (): void => {
    following = true;
    // The list grows while it is walked.
    for (let next = 0; next < waiting.length; ) {
      const crowd = crowdFrom(waiting, next);
      const [first] = crowd;
      next += crowd.length;
      crowd.forEach(hear);
      if (crowd.length === 1) act(first);
      else actTogether(crowd, first.name);
      if (waiting.length < followingMost) continue;
      trouble(`after ${first.name}`, new Error('events tell each other in a circle'));
      break;
    }
    waiting.length = 0;
    following = false;
  };
  const tell: Tell = (event) => {
    if (stopped || waiting.length >= followingMost) return;
    waiting.push(event);
    if (!following) followAll();
  };
  const path = journey(tell);
  return {
    tell,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    stop: () => {
      stopped = true;
    },
  };
}

/** The event whose turn it is, with those of the same name that follow it directly where a crowd tells them. */
function crowdFrom(waiting: readonly HubEvent[], from: number): readonly [HubEvent, ...HubEvent[]] {
  const first = waiting[from] as HubEvent;
  let end = from + 1;
  if (toldByACrowd.has(first.name)) while (waiting[end]?.name === first.name) end += 1;
  return [first, ...waiting.slice(from + 1, end)];
}
