/** Solana nodes over HTTP: one deadline per call, one genesis hash for all, never a websocket. */
import { Connection } from '@solana/web3.js';
import { fail, ok, type Result } from '../../core/result.ts';

/** An honest answer of ours (1000 signatures, 100 accounts) is far below this. */
const answerBytesMax = 2 * 1024 * 1024;

export type NodesOptions = {
  readonly urls: readonly string[];
  readonly callDeadlineMs: number;
  /** Stands in for the network in tests. */
  readonly fetch?: typeof fetch;
};

/** Asks one node. Must not throw for reasons of its own: a throw means that the node did not answer. */
export type Question<T> = (connection: Connection) => Promise<T>;

export type Nodes = {
  /** The genesis hash of the first node that answers; from then on no other chain is spoken to. */
  meet(expected: string | undefined): Promise<Result<string, 'unreachable' | 'wrong-chain'>>;
  /** The answer of the first node that gives one. */
  ask<T>(question: Question<T>): Promise<Result<T, 'unreachable'>>;
  /** What each node said, and how many of them did not. */
  askAll<T>(question: Question<T>): Promise<{ readonly answers: T[]; readonly silent: number }>;
  /** Of the chain that was met. */
  genesisHash(): string | undefined;
  state(): 'unknown' | 'ok' | 'unreachable' | 'wrong-chain';
};

type Node = { readonly connection: Connection; verified: boolean };

/** Opens no connection by itself. With n nodes a question may take n deadlines. */
export function openNodes({ urls, callDeadlineMs, fetch = globalThis.fetch }: NodesOptions): Nodes {
  const limited = limitedFetch(fetch, callDeadlineMs);
  const nodes: Node[] = urls.map((url) => ({
    connection: connectTo(url, limited),
    verified: false,
  }));
  let genesis: string | undefined;
  let first = 0;
  let state: ReturnType<Nodes['state']> = 'unknown';

  /** After every silence the node must show its genesis hash again: another ledger may have taken its place. */
  const askNode = async <T>(node: Node, question: Question<T>): Promise<Result<T, 'silent'>> => {
    try {
      node.verified ||= (await node.connection.getGenesisHash()) === genesis;
      if (node.verified) return ok(await question(node.connection));
    } catch {
      node.verified = false;
    }
    return fail('silent');
  };

  return {
    async meet(expected) {
      const found = await genesisHashes(nodes);
      const chosen = expected ?? found[0];
      if (found.length === 0 || chosen === undefined) {
        state = 'unreachable';
        return fail('unreachable');
      }
      if (!found.includes(chosen)) {
        state = 'wrong-chain';
        return fail('wrong-chain');
      }
      genesis = chosen;
      state = 'ok';
      return ok(chosen);
    },
    async ask(question) {
      if (genesis === undefined) return fail('unreachable');
      for (let turn = 0; turn < nodes.length; turn++) {
        const index = (first + turn) % nodes.length;
        const answer = await askNode(nodes[index] as Node, question);
        if (!answer.ok) continue;
        first = index;
        state = 'ok';
        return answer;
      }
      state = 'unreachable';
      return fail('unreachable');
    },
    async askAll(question) {
      if (genesis === undefined) return { answers: [], silent: nodes.length };
      const said = await Promise.all(nodes.map((node) => askNode(node, question)));
      const answers = said.flatMap((each) => (each.ok ? [each.value] : []));
      state = answers.length > 0 ? 'ok' : 'unreachable';
      return { answers, silent: nodes.length - answers.length };
    },
    genesisHash: () => genesis,
    state: () => state,
  };
}

async function genesisHashes(nodes: readonly Node[]): Promise<string[]> {
  const asked = await Promise.allSettled(nodes.map((node) => node.connection.getGenesisHash()));
  return asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

const connectTo = (url: string, limited: typeof fetch) =>
  new Connection(url, {
    commitment: 'confirmed',
    disableRetryOnRateLimit: true,
    fetch: limited,
    httpAgent: false,
  });

/** A fetch that ends in time, body included, and reads no more than a limit. */
function limitedFetch(fetch: typeof globalThis.fetch, deadlineMs: number): typeof fetch {
  return async (url, init) => {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMs) });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw new RangeError('the answer is too long');
      chunks.push(chunk);
    }
    const { status, statusText } = response;
    return new Response(Buffer.concat(chunks), { status, statusText });
  };
}
