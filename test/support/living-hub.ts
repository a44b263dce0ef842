/** The real story, journey and outbox around scripted neighbours, joined as in main.ts. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { HubEvent } from '../../gateway/events/hub-event.ts';
import { journeyOf, onStart, onTick } from '../../gateway/journey.ts';
import { openOutbox } from '../../gateway/outbox.ts';
import type { Needs } from '../../gateway/ports/needs.ts';
import { beginStory } from '../../gateway/story.ts';

export type LivingHub = {
  readonly needs: Needs;
  readonly told: HubEvent[];
  /** Steps and deeds that threw. */
  readonly troubles: string[];
  /** What a start does. */
  start(): Promise<void>;
  /** One tick, and everything that follows from it without time passing. */
  tick(): Promise<void>;
  /** Takes up nothing new, as when the power fails; does not wait for what is under way. */
  cut(): void;
};

/** Rounds of the outbox in one tick; more means that a deed is due again as soon as it was done. */
const breathsMost = 60;
/** A clock that was put back by more than this has jumped. */
const clockJitterMs = 2_000;

export type LivingOptions = {
  /** Parts of the tick that are not wanted, by their names in the journey. */
  readonly without?: readonly string[];
};

export function livingHub(given: Omit<Needs, 'tell'>, options: LivingOptions = {}): LivingHub {
  const { without = [] } = options;
  const told: HubEvent[] = [];
  const troubles: string[] = [];
  const trouble = (what: string, error: unknown) =>
    void troubles.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  const story = beginStory((tell) => journeyOf({ ...given, tell }), trouble);
  const needs: Needs = { ...given, tell: story.tell };
  const outbox = openOutbox(needs, trouble);
  let last = 0;
  story.subscribe((event) => void told.push(event));

  const isAnythingDue = (): boolean => {
    try {
      return needs.books.deeds.due(needs.clock.now(), 1).length > 0;
    } catch {
      // Books that cannot be read have nothing that could be done.
      return false;
    }
  };
  const settle = async (): Promise<void> => {
    for (let breaths = 0; breaths < breathsMost; breaths++) {
      outbox.work();
      await breathe();
      if (!isAnythingDue()) break;
    }
    await breathe();
  };
  return {
    needs,
    told,
    troubles,
    start: async () => {
      onStart(needs);
      await settle();
    },
    tick: async () => {
      const now = needs.clock.now();
      const parts = Object.entries(onTick(needs)).filter(([name]) => !without.includes(name));
      if (now < last - clockJitterMs)
        parts.push([
          'waking deeds after the clock was put back',
          () => needs.books.deeds.wakeAll(),
        ]);
      last = now;
      for (const [name, act] of parts) {
        try {
          act();
        } catch (error) {
          trouble(name, error);
        }
      }
      await settle();
    },
    cut: () => {
      story.stop();
      void outbox.stop();
    },
  };
}
