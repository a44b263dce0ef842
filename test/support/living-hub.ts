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

export function livingHub(given: Omit<Needs, 'tell'>): LivingHub {
  const told: HubEvent[] = [];
  const troubles: string[] = [];
  const trouble = (what: string, error: unknown) =>
    void troubles.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  const story = beginStory((tell) => journeyOf({ ...given, tell }), trouble);
  const needs: Needs = { ...given, tell: story.tell };
  const outbox = openOutbox(needs, trouble);
  story.subscribe((event) => void told.push(event));

  const settle = async (): Promise<void> => {
    for (let breaths = 0; breaths < breathsMost; breaths++) {
      outbox.work();
      await breathe();
      if (needs.books.deeds.due(needs.clock.now(), 1).length === 0) break;
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
      try {
        for (const act of Object.values(onTick(needs))) act();
      } catch (error) {
        trouble('on a tick', error);
      }
      await settle();
    },
    cut: () => {
      story.stop();
      void outbox.stop();
    },
  };
}
