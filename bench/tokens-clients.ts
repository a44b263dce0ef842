/** Clients of the ledger for the token bench: web3.js as it comes from npm, over HTTP or in this process. */
import { Connection } from '@solana/web3.js';
import { type Child, startNode } from './children.ts';
import {
  buildMove,
  buildReturn,
  type Neighbourhood,
  openings,
  rentsAtOnce,
  type Signed,
} from './tokens-trade.ts';

/** As `commands/child.ts` starts it on a hub. */
const smallHeap = ['--max-semi-space-size=2', '--max-old-space-size=128'];
const ledgerModule = new URL('./tokens-ledger.ts', import.meta.url);
const giftLamports = 1_000_000_000_000;
/** A blockhash lives for a minute; the client fetches another long before. */
const blockhashMs = 5_000;
/** Transfers that one worker sends together and then asks about in one question. */
const groupMoves = 16;
/** While one group is at the ledger, the next is built and signed. */
const workers = 2;

export const startLedger = (dataDir: string): Promise<Child> =>
  startNode(ledgerModule, {
    ...{ words: [dataDir], nodeOptions: smallHeap, env: { MALLOC_ARENA_MAX: '2' } },
  });

export const connectTo = (port: number): Connection =>
  new Connection(`http://127.0.0.1:${port}`, {
    ...{ commitment: 'confirmed', disableRetryOnRateLimit: true },
  });

export const connectBy = (fetch: typeof globalThis.fetch): Connection =>
  new Connection('http://embedded.invalid', {
    ...{ commitment: 'confirmed', disableRetryOnRateLimit: true, fetch },
  });

const send = (connection: Connection, { raw }: Signed) =>
  connection.sendRawTransaction(raw, { skipPreflight: true, maxRetries: 0 });

/** Answers what keeping a marker costs until its rent comes home. */
export async function settle(connection: Connection, where: Neighbourhood): Promise<number> {
  for (let n = 0; n < 5; n++) await connection.requestAirdrop(where.hub.publicKey, giftLamports);
  const rent = await connection.getMinimumBalanceForRentExemption(82);
  const { blockhash } = await connection.getLatestBlockhash();
  // The mint comes first; what follows needs it, and nothing else.
  let waiting: Signed[] = [];
  const flush = async () => {
    await Promise.all(waiting.map((each) => send(connection, each)));
    await mustHaveLanded(connection, waiting);
    waiting = [];
  };
  let isFirst = true;
  for (const opening of openings(where, rent, blockhash)) {
    waiting.push(opening);
    if (isFirst || waiting.length === groupMoves) await flush();
    isFirst = false;
  }
  await flush();
  return connection.getMinimumBalanceForRentExemption(0);
}

async function mustHaveLanded(connection: Connection, group: readonly Signed[]): Promise<void> {
  if (group.length === 0) return;
  const { value } = await connection.getSignatureStatuses(group.map(({ signature }) => signature));
  for (const status of value)
    if (status?.err !== null) throw new Error(`a transaction failed: ${JSON.stringify(status)}`);
}

export type Moves = { readonly first: number; readonly count: number };
export type Moved = {
  readonly perSecond: number;
  /** From the beginning of building to the known status; one for each transfer. */
  readonly tookMs: readonly number[];
  readonly bytes: number;
};

/** From intent to known status: build, sign, send, executed and journalled, asked about. */
export async function move(
  connection: Connection,
  where: Neighbourhood,
  rentLamports: number,
  { first, count }: Moves,
  { together = workers, group = groupMoves } = {},
): Promise<Moved> {
  const latest = openBlockhashes(connection);
  const tookMs: number[] = [];
  const end = first + count;
  let [next, bytes] = [first, 0];
  const work = async () => {
    while (next < end) {
      const numbers = Array.from({ length: Math.min(group, end - next) }, () => next++);
      const began: number[] = [];
      const built: Signed[] = [];
      const sending: Promise<unknown>[] = [];
      for (const n of numbers) {
        began.push(performance.now());
        const signed = await buildMove(where, n, rentLamports, await latest());
        built.push(signed);
        sending.push(send(connection, signed));
        bytes = signed.raw.length;
      }
      await Promise.all(sending);
      await mustHaveLanded(connection, built);
      const now = performance.now();
      for (const start of began) tookMs.push(now - start);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: together }, work));
  return { perSecond: (count / (performance.now() - began)) * 1000, tookMs, bytes };
}

/** Brings home what the markers of these moves keep; answers in how many transactions. */
export async function bringRentHome(
  connection: Connection,
  where: Neighbourhood,
  rentLamports: number,
  { first, count }: Moves,
): Promise<number> {
  const latest = openBlockhashes(connection);
  let [transactions, sent] = [0, [] as Signed[]];
  for (let n = first; n < first + count; n += rentsAtOnce) {
    const length = Math.min(rentsAtOnce, first + count - n);
    const moves = Array.from({ length }, (_, place) => n + place);
    sent.push(await buildReturn(where, moves, rentLamports, await latest()));
    transactions++;
    if (sent.length < groupMoves && n + length < first + count) continue;
    await Promise.all(sent.map((each) => send(connection, each)));
    await mustHaveLanded(connection, sent);
    sent = [];
  }
  return transactions;
}

function openBlockhashes(connection: Connection): () => Promise<string> {
  let [asked, answer] = [Number.NEGATIVE_INFINITY, Promise.resolve('')];
  return () => {
    if (performance.now() - asked < blockhashMs) return answer;
    asked = performance.now();
    answer = connection.getLatestBlockhash().then(({ blockhash }) => blockhash);
    return answer;
  };
}
