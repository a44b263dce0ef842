/** One missing type keeps Node-RED from starting any flow; so groups that need one wait outside the file. */
import type { FlowNode } from './flow-file.ts';
import { groupsOf } from './upgrade.ts';

export type Sorted = {
  readonly runnable: readonly FlowNode[];
  readonly aside: readonly FlowNode[];
  /** Types that nobody here knows. */
  readonly missing: readonly string[];
};

/** Instances of a subflow have a type of their own, `subflow:ID`, which exists while the subflow does. */
export function sortOut(flows: readonly FlowNode[], known: ReadonlySet<string>): Sorted {
  const missing = new Set<string>();
  const kept = new Map(groupsOf(flows));
  const aside: FlowNode[] = [];
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    const subflows = new Set([...kept.keys()].map((id) => `subflow:${id}`));
    for (const [id, group] of kept) {
      const lacks = group
        .map(({ type }) => type)
        .filter((type) => !known.has(type) && !subflows.has(type));
      if (lacks.length === 0) continue;
      for (const type of lacks) missing.add(type);
      aside.push(...group);
      kept.delete(id);
      isSettled = false;
    }
  }
  return { runnable: [...kept.values()].flat(), aside, missing: [...missing] };
}
