/** A hub in this process: the live journey and outbox, with everything outside played by simulators. */
import { setImmediate as breathe } from 'node:timers/promises';
import { journeyOf, onStart, onTick } from '../journey.ts';
import { openOutbox } from '../outbox.ts';
import type { Needs } from '../ports/needs.ts';
import { beginStory, type Together } from '../story.ts';

export type SimulatedHub = {
  start(): Promise<void>;
  /** One tick with all parts of the journey's, or those that are named, and what follows without time passing. */
  tick(parts?: readonly string[]): Promise<void>;
};

/** Rounds of the outbox in one tick; more means that a deed is due again as soon as it was done. */
const breathsMost = 100;

/** Throws as soon as a step or a deed fails: in a simulation nothing may. */
export function simulatedHub(given: Omit<Needs, 'tell'>, together: Together): SimulatedHub {
  const troubles: unknown[] = [];
  const trouble = (what: string, error: unknown) =>
    void troubles.push(new Error(what, { cause: error }));
  const story = beginStory((tell) => journeyOf({ ...given, tell }), trouble, together);
  const needs: Needs = { ...given, tell: story.tell };
  const outbox = openOutbox(needs, trouble);
  const acts = onTick(needs);

  const settle = async (): Promise<void> => {
    for (let breaths = 0; breaths < breathsMost; breaths++) {
      await story.settled();
      outbox.work();
      await breathe();
      if (troubles.length > 0) throw troubles[0];
      if (needs.books.deeds.due(needs.clock.now(), 1).length === 0) return story.settled();
    }
  };
  return {
    start: () => {
      onStart(needs);
      return settle();
    },
    tick: (parts = Object.keys(acts)) => {
      for (const part of parts) acts[part]?.();
      return settle();
    },
  };
}
