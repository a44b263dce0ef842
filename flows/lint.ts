/** The rules of our flows that Node-RED does not know. Answers one sentence for each fault. */
import { Script } from 'node:vm';
import type { FlowNode } from './flow-file.ts';

/** What could reach beyond the broker, or stop the one thread that all flows share. */
const forbidden =
  /^(exec|file|file in|watch|tcp .*|tcp request|udp .*|http request|http in|websocket .*)$/;

/** What these say belongs to one household, or to two. */
const privateTypes = new Set([
  ...['jirani-reading', 'jirani-surplus', 'jirani-advice', 'jirani-proposal', 'jirani-history'],
  ...['jirani-trade', 'jirani-payment', 'jirani-transfer'],
]);

const secondsMost = 2;

export function lint(flows: readonly FlowNode[], known: ReadonlySet<string>): string[] {
  const byId = new Map(flows.map((node) => [node.id, node]));
  return [
    ...doubles(flows),
    ...flows.flatMap((node) => [
      ...placeOf(node, byId),
      ...typeOf(node, known, byId),
      ...bodyOf(node),
      ...templateOf(node),
      ...brokerOf(node),
    ]),
    ...leaks(flows, byId),
  ];
}

type ById = ReadonlyMap<string, FlowNode>;

const wiresOf = ({ wires }: FlowNode): string[] =>
  Array.isArray(wires) ? (wires as unknown[]).flat().map(String) : [];

function doubles(flows: readonly FlowNode[]): string[] {
  const seen = new Set<string>();
  return flows.flatMap(({ id }) => {
    const isSecond = seen.has(id);
    seen.add(id);
    return isSecond ? [`${id}: two nodes have this id`] : [];
  });
}

function placeOf(node: FlowNode, byId: ById): string[] {
  const home = node.z ? byId.get(node.z)?.type : 'tab';
  const astray = wiresOf(node).filter((to) => !byId.has(to));
  const hub = node['hub'];
  return [
    ...(home === 'tab' || home === 'subflow' ? [] : [`${node.id}: lies on no tab`]),
    ...astray.map((to) => `${node.id}: is wired to ${to}, which is not here`),
    ...(typeof hub === 'string' && byId.get(hub)?.type !== 'jirani-hub'
      ? [`${node.id}: has no hub`]
      : []),
  ];
}

function typeOf({ id, type }: FlowNode, known: ReadonlySet<string>, byId: ById): string[] {
  if (forbidden.test(type)) return [`${id}: ${type} is not for flows of a hub`];
  const isSubflow = type.startsWith('subflow:') && byId.has(type.slice('subflow:'.length));
  return known.has(type) || isSubflow ? [] : [`${id}: nobody knows the type ${type}`];
}

function bodyOf({ id, type, func, timeout }: FlowNode): string[] {
  if (type !== 'function') return [];
  const seconds = Number(timeout);
  const faults =
    seconds > 0 && seconds <= secondsMost
      ? []
      : [`${id}: a function needs a timeout of 1 to ${secondsMost} seconds`];
  try {
    new Script(`(async function () {${func}\n})`);
    return faults;
  } catch (error) {
    return [...faults, `${id}: ${(error as Error).message}`];
  }
}

/** It would send every message that it shows out again, readings on the topic of decisions included. */
const templateOf = ({ id, type, passthru }: FlowNode): string[] =>
  type === 'ui-template' && passthru !== false
    ? [`${id}: a ui-template must not pass through`]
    : [];

const brokerOf = ({ id, type, broker }: FlowNode): string[] =>
  type === 'mqtt-broker' && broker !== '127.0.0.1' && broker !== 'localhost'
    ? [`${id}: the only broker is the hub’s own`]
    : [];

/** A dashboard cannot keep one viewer from what another sees, so nothing private may come near it. */
function leaks(flows: readonly FlowNode[], byId: ById): string[] {
  const sources = flows.filter(({ type }) => privateTypes.has(type));
  return sources.flatMap((source) => {
    const reached = reachedFrom(source, byId);
    const shown = [...reached].find((id) => byId.get(id)?.type.startsWith('ui-'));
    return shown === undefined
      ? []
      : [`${source.id}: what is private reaches the dashboard (${shown})`];
  });
}

/** Along wires and links. */
function reachedFrom(source: FlowNode, byId: ById): ReadonlySet<string> {
  const reached = new Set<string>();
  const toVisit = [source.id];
  for (const id of toVisit) {
    const node = byId.get(id);
    if (node === undefined || reached.has(id)) continue;
    reached.add(id);
    const links =
      node.type.startsWith('link ') && Array.isArray(node['links']) ? node['links'] : [];
    toVisit.push(...wiresOf(node), ...(node.type === 'link out' ? links.map(String) : []));
  }
  reached.delete(source.id);
  return reached;
}
