/** Which remembered sessions want a topic, without looking at each of them. */
import type { Qos } from './packets.ts';

type Branch<Owner> = {
  readonly below: Map<string, Branch<Owner>>;
  readonly owners: Map<Owner, Qos>;
};

/** Filters with wildcards as in MQTT 3.1.1 section 4.7, level by level. */
export class FilterTree<Owner> {
  readonly #root: Branch<Owner> = branch();

  add(filter: string, owner: Owner, qos: Qos): void {
    let at = this.#root;
    for (const level of filter.split('/')) {
      let next = at.below.get(level);
      if (next === undefined) {
        next = branch();
        at.below.set(level, next);
      }
      at = next;
    }
    at.owners.set(owner, qos);
  }

  remove(filter: string, owner: Owner): void {
    const path: [Branch<Owner>, string][] = [];
    let at = this.#root;
    for (const level of filter.split('/')) {
      const next = at.below.get(level);
      if (next === undefined) return;
      path.push([at, level]);
      at = next;
    }
    at.owners.delete(owner);
    for (const [parent, level] of path.reverse()) {
      const child = parent.below.get(level);
      if (child === undefined || child.owners.size > 0 || child.below.size > 0) return;
      parent.below.delete(level);
    }
  }

  /** Everyone who wants this topic, each with the highest QoS asked for it: MQTT 3.1.1 section 3.3.5. */
  wanting(topic: string): Map<Owner, Qos> {
    const found = new Map<Owner, Qos>();
    this.#collect(this.#root, topic.split('/'), 0, found);
    return found;
  }

  get isEmpty(): boolean {
    return this.#root.below.size === 0;
  }

  #collect(
    at: Branch<Owner>,
    levels: readonly string[],
    depth: number,
    found: Map<Owner, Qos>,
  ): void {
    keepHighest(at.below.get('#'), found);
    const level = levels[depth];
    if (level === undefined) {
      keepHighest(at, found);
      return;
    }
    for (const next of [at.below.get(level), at.below.get('+')]) {
      if (next !== undefined) this.#collect(next, levels, depth + 1, found);
    }
  }
}

function keepHighest<Owner>(from: Branch<Owner> | undefined, found: Map<Owner, Qos>): void {
  for (const [owner, qos] of from?.owners ?? []) {
    const known = found.get(owner);
    if (known === undefined || known < qos) found.set(owner, qos);
  }
}

function branch<Owner>(): Branch<Owner> {
  return { below: new Map(), owners: new Map() };
}
