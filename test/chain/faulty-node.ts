/** Nodes in front of an honest ledger that lie, lag, refuse, lose and break off, each after a seed of its own. */
import { createHash } from 'node:crypto';
import bs58 from 'bs58';

/** Each from 0 to 1: how often this happens to a call that it can happen to. */
export type Faults = {
  /** 429 before anything is looked at. */
  readonly limited?: number;
  /** The line breaks before the call arrives. */
  readonly away?: number;
  /** The call arrives; its answer does not. */
  readonly answerLost?: number;
  /** An answer that is no JSON, cut in the middle, or another status. */
  readonly garbled?: number;
  /** The node says yes to a transaction that no leader ever sees. */
  readonly dropped?: number;
  /** A transaction arrives only many slots later. */
  readonly late?: number;
  /** Transactions that this node does not know for `hiddenSlots`, although they have landed. */
  readonly hidden?: number;
  readonly hiddenSlots?: number;
  /** How far the node is behind, always. */
  readonly lagSlots?: number;
};

export type FaultyNode = {
  readonly fetch: typeof fetch;
  /** How often each fault has happened. */
  readonly happened: Record<string, number>;
  faults: Faults;
};

type Call = { readonly id: unknown; readonly method: string; readonly params: readonly unknown[] };
type Row = { readonly slot: number; readonly signature?: string };

const lateSlotsMost = 120;

/** Numbers from 0 to 1 that a seed decides. */
export function dice(seed: string): () => number {
  let throws = 0;
  return () => {
    const hash = createHash('sha256').update(`${seed}:${throws++}`).digest();
    return hash.readUInt32LE(0) / 2 ** 32;
  };
}

type Part = {
  readonly node: FaultyNode;
  readonly seed: string;
  readonly roll: () => number;
  readonly ask: (body: string) => Promise<unknown>;
  /** What this node sends on later. */
  late: { due: number; body: string }[];
  readonly hashes: { slot: number; answer: unknown }[];
};

/** `slotNow` is the honest ledger's slot. */
export function faultyNode(
  seed: string,
  faults: Faults,
  honest: typeof fetch,
  slotNow: () => Promise<number>,
): FaultyNode {
  const ask = async (body: string): Promise<unknown> =>
    (await honest('http://honest.invalid', { body })).json();
  const node: FaultyNode = {
    fetch: async (_url, init) => answer(part, String(init?.body), await slotNow()),
    happened: {},
    faults,
  };
  const part: Part = { node, seed, roll: dice(seed), ask, late: [], hashes: [] };
  return node;
}

function note({ node: { happened } }: Part, name: string): void {
  happened[name] = (happened[name] ?? 0) + 1;
}

function happens(part: Part, name: keyof Faults): boolean {
  const hit = part.roll() < Number(part.node.faults[name] ?? 0);
  if (hit) note(part, name);
  return hit;
}

async function answer(part: Part, body: string, now: number): Promise<Response> {
  const due = part.late.filter((one) => one.due <= now);
  part.late = part.late.filter((one) => one.due > now);
  for (const one of due) await part.ask(one.body);
  if (happens(part, 'limited')) return respond('{"error":"too many requests"}', 429);
  if (happens(part, 'away')) throw new TypeError('fetch failed');
  const call = JSON.parse(body) as Call;
  if (call.method === 'sendTransaction') return send(part, call, body, now);
  const said = (await part.ask(body)) as { result?: unknown };
  if (happens(part, 'answerLost')) throw new TypeError('terminated');
  if (happens(part, 'garbled')) return garbled(part, JSON.stringify(said));
  return respond(JSON.stringify({ ...said, ...seenBy(part, call, said.result, now) }));
}

async function send(part: Part, { id, params }: Call, body: string, now: number) {
  const raw = Buffer.from(String(params[0]), 'base64');
  const result = bs58.encode(raw.subarray(1, 65));
  const yes = respond(JSON.stringify({ jsonrpc: '2.0', id, result }));
  if (happens(part, 'dropped')) return yes;
  if (happens(part, 'late')) {
    part.late.push({ due: now + Math.ceil(part.roll() * lateSlotsMost), body });
    return yes;
  }
  const said = await part.ask(body);
  if (happens(part, 'answerLost')) throw new TypeError('terminated');
  return respond(JSON.stringify(said));
}

function garbled({ roll }: Part, text: string): Response {
  const kind = Math.floor(roll() * 3);
  if (kind === 0) return respond('<html>502 Bad Gateway</html>', 502);
  return respond(kind === 1 ? text.slice(0, text.length / 2) : '');
}

/** What a node that is behind, or lies, makes of an honest answer. */
function seenBy(
  part: Part,
  { method, params }: Call,
  result: unknown,
  now: number,
): { result?: unknown } {
  const lag = part.node.faults.lagSlots ?? 0;
  if (method === 'getBlockHeight') return { result: Math.max(0, Number(result) - lag) };
  if (method === 'getSignatureStatuses') {
    const { context, value } = result as { context: unknown; value: (Row | null)[] };
    const asked = params[0] as string[];
    const known = value.map((row, index) =>
      row !== null && isKnown(part, row.slot, asked[index] ?? '', now) ? row : null,
    );
    return { result: { context, value: known } };
  }
  if (method === 'getSignaturesForAddress') {
    const rows = result as Row[];
    return { result: rows.filter((row) => isKnown(part, row.slot, row.signature ?? '', now)) };
  }
  if (method === 'getLatestBlockhash') return olderHash(part, result, now, lag);
  return {};
}

function olderHash({ hashes }: Part, answer: unknown, now: number, lag: number) {
  hashes.push({ slot: now, answer });
  const old = hashes.filter(({ slot }) => slot <= now - lag).at(-1);
  return old === undefined ? {} : { result: old.answer };
}

/** The same for the same transaction, so that a node's lie is one story. */
function isKnown(part: Part, slot: number, signature: string, now: number): boolean {
  const { hidden = 0, hiddenSlots = 0, lagSlots = 0 } = part.node.faults;
  if (slot > now - lagSlots) return false;
  const hash = createHash('sha256').update(`${part.seed}:${signature}`).digest();
  if (hash.readUInt32LE(0) / 2 ** 32 >= hidden || slot + hiddenSlots <= now) return true;
  note(part, 'hidden');
  return false;
}

const respond = (text: string, status = 200): Response => new Response(text, { status });
