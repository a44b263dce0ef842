/** Cards that flows put on a household's page; kept in memory, because flows say them again when they start. */
import { z } from 'zod';

const cardBytesMax = 1_024;
const cardsPerHouseholdMax = 8;
const householdsMax = 1_000;
/** Longer figures do not fit on a phone. */
const figureMost = 999_999_999;
/** Machine time; a flow may say the same card a thousand times a second. */
const tellEveryMs = 500;

const words = z.string().min(1).max(40);
const card = z.strictObject({
  v: z.literal(1),
  title: z.strictObject({ en: words, sw: words }),
  kind: z.enum(['value', 'text']),
  value: z.union([z.number().min(-figureMost).max(figureMost), z.string().max(160)]),
  unit: z.string().max(8),
});

export type Card = Omit<z.infer<typeof card>, 'v'> & { readonly name: string };

export interface Cards {
  /** What flows say on `households/<id>/card/<name>`; an empty body takes the card away. */
  hear(topic: string, payload: Uint8Array): void;
  /** By name. */
  of(household: string): Card[];
  /** Calls back with a household whose cards changed, twice a second at most; returns what ends it. */
  onChange(listener: (household: string) => void): () => void;
}

const cardTopic = /^households\/([\w.:-]{1,64})\/card\/([\w-]{1,32})$/;

/** `isHousehold`: cards for others are not kept. */
export function openCards(isHousehold: (id: string) => boolean): Cards {
  const cards = new Map<string, Map<string, Card>>();
  const changes = openChanges();
  const keep = (household: string, name: string, read: Omit<Card, 'name'>): void => {
    const theirs = cards.get(household) ?? new Map<string, Card>();
    const hasRoom = theirs.has(name) || theirs.size < cardsPerHouseholdMax;
    if (!hasRoom || (!cards.has(household) && cards.size >= householdsMax)) return;
    const isSame = JSON.stringify(theirs.get(name)) === JSON.stringify({ name, ...read });
    cards.set(household, theirs.set(name, { name, ...read }));
    if (!isSame) changes.note(household);
  };
  return {
    hear: (topic, payload) => {
      const [, household = '', name = ''] = cardTopic.exec(topic) ?? [];
      if (household === '' || !isHousehold(household)) return;
      if (payload.length === 0 && cards.get(household)?.delete(name)) changes.note(household);
      const read = payload.length <= cardBytesMax ? readCard(payload) : undefined;
      if (read !== undefined) keep(household, name, read);
    },
    of: (household) =>
      [...(cards.get(household)?.values() ?? [])].sort((one, other) =>
        one.name < other.name ? -1 : 1,
      ),
    onChange: changes.listen,
  };
}

/** Gathers changes, so that a flow in a hurry does not keep the hub busy with telling. */
function openChanges() {
  const listeners = new Set<(household: string) => void>();
  const changed = new Set<string>();
  const tell = (): void => {
    const all = [...changed];
    changed.clear();
    for (const household of all) for (const listener of listeners) listener(household);
  };
  return {
    note: (household: string): void => {
      if (changed.size === 0) setTimeout(tell, tellEveryMs).unref();
      changed.add(household);
    },
    listen: (listener: (household: string) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function readCard(payload: Uint8Array): Omit<Card, 'name'> | undefined {
  try {
    const { v: _, ...read } = card.parse(JSON.parse(new TextDecoder().decode(payload)));
    return read;
  } catch {
    return undefined;
  }
}
