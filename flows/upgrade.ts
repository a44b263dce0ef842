/**
 * Brings shipped flows to a keeper's file without touching what the keeper drew. Three sides are compared group by
 * group (a tab with its nodes, a subflow, or one configuration node): what was shipped last, what lies here now,
 * what is shipped today.
 */
import { createHash } from 'node:crypto';
import type { FlowNode } from './flow-file.ts';

/** The fingerprint of each group as it was last shipped to this machine. */
export type Shipped = Readonly<Record<string, string>>;

export type Upgrade = {
  readonly flows: readonly FlowNode[];
  readonly shipped: Shipped;
  /** Ids of groups. */
  readonly added: readonly string[];
  readonly updated: readonly string[];
  /** Edited here, and there is a newer one: the keeper's stays. */
  readonly offered: readonly string[];
};

/** Moving a node about, and switching a tab on or off, is not an edit. */
const cosmetic = new Set(['x', 'y', 'w', 'h', 'disabled']);

export function groupsOf(flows: readonly FlowNode[]): Map<string, FlowNode[]> {
  const groups = new Map<string, FlowNode[]>();
  for (const node of flows) {
    const id = node.z || node.id;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [node]);
    else group.push(node);
  }
  return groups;
}

/** The order of nodes and of keys does not count. */
export function fingerprint(group: readonly FlowNode[]): string {
  const sorted = [...group].sort((one, other) => (one.id < other.id ? -1 : 1));
  const meant = sorted.map((node) =>
    ordered(Object.fromEntries(Object.entries(node).filter(([key]) => !cosmetic.has(key)))),
  );
  return createHash('sha256').update(JSON.stringify(meant)).digest('hex').slice(0, 16);
}

/** Doing it twice changes nothing. What was deleted here stays deleted. */
export function upgrade(
  here: readonly FlowNode[],
  shippedBefore: Shipped,
  today: readonly FlowNode[],
): Upgrade {
  const [mine, ours] = [groupsOf(here), groupsOf(today)];
  const shipped: Record<string, string> = {};
  const lists = { added: [] as string[], updated: [] as string[], offered: [] as string[] };
  const flows = [...mine].flatMap(([id, group]) => {
    const newer = ours.get(id);
    if (newer === undefined) return group;
    const [now, next, before] = [fingerprint(group), fingerprint(newer), shippedBefore[id]];
    const isUntouched = now === next || now === before;
    // What an edited group was made from stays its base, so that it counts as edited for ever.
    shipped[id] = isUntouched ? next : (before ?? '');
    if (now === next) return group;
    if (isUntouched) {
      lists.updated.push(id);
      return withSwitchOf(group, newer);
    }
    if (next !== before) lists.offered.push(id);
    return group;
  });
  for (const [id, group] of ours) {
    if (mine.has(id)) continue;
    shipped[id] = shippedBefore[id] ?? fingerprint(group);
    if (shippedBefore[id] !== undefined) continue;
    lists.added.push(id);
    flows.push(...group);
  }
  return { flows, shipped, ...lists };
}

/** A newer tab is on or off as the keeper left the older one. */
function withSwitchOf(older: readonly FlowNode[], newer: readonly FlowNode[]): FlowNode[] {
  const tab = older.find(({ type }) => type === 'tab');
  if (tab?.['disabled'] === undefined) return [...newer];
  return newer.map((node) => (node.id === tab.id ? { ...node, disabled: tab['disabled'] } : node));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}
