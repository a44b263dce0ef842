/**
 * Moves as fast as one process can press them: each pair of households is built once by the hub's own code, and
 * then only what differs is changed and signed anew. For what the ledger's process holds after very many.
 */
import { createPrivateKey, sign } from 'node:crypto';
import bs58 from 'bs58';
import type { Moves } from './tokens-clients.ts';
import {
  buildMove,
  buildReturn,
  type Neighbourhood,
  piecesOf,
  rentsAtOnce,
} from './tokens-trade.ts';

/** The ledger's own bound for one body. */
const batchCalls = 32;
/** While one batch is at the ledger, the next is signed. */
const batchesAtOnce = 2;
/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
/** One signature and its count stand before the message. */
const messageAt = 65;

type Template = { readonly raw: Buffer; readonly places: readonly number[] };

function templateOf(raw: Buffer, pieces: readonly Buffer[]): Template {
  const places = pieces.map((piece) => raw.indexOf(piece));
  if (places.includes(-1)) throw new Error('a piece of the template is not found');
  return { raw, places };
}

export type Flood = {
  move(moves: Moves): Promise<void>;
  bringRentHome(moves: Moves): Promise<void>;
};

export async function openFlood(url: string, where: Neighbourhood, rent: number): Promise<Flood> {
  const key = createPrivateKey({
    ...({ format: 'der', type: 'pkcs8' } as const),
    key: Buffer.concat([pkcs8Head, where.hub.secretKey.subarray(0, 32)]),
  });
  const fill = ({ raw, places }: Template, pieces: readonly Buffer[]) => {
    const filled = Buffer.from(raw);
    pieces.forEach((piece, n) => {
      piece.copy(filled, places[n]);
    });
    sign(null, filled.subarray(messageAt), key).copy(filled, 1);
    return filled;
  };
  const old = bs58.encode(Buffer.alloc(32, 7));
  const pairs: Template[] = [];
  for (let n = 0; n < where.holders.length; n++) {
    const { raw } = await buildMove(where, n, rent, old);
    pairs.push(templateOf(raw, (await piecesOf(where, n, old)).move));
  }
  const few = Array.from({ length: rentsAtOnce }, (_, n) => n);
  const { raw } = await buildReturn(where, few, rent, old);
  const fewPieces = await Promise.all(few.map(async (n) => (await piecesOf(where, n, old)).marker));
  const home = templateOf(raw, [...fewPieces.flat(), Buffer.from(bs58.decode(old))]);
  return {
    move: ({ first, count }) =>
      press(url, count, async (n, blockhash) =>
        fill(
          pairs[(first + n) % pairs.length] as Template,
          (await piecesOf(where, first + n, blockhash)).move,
        ),
      ),
    bringRentHome: ({ first, count }) =>
      press(url, Math.floor(count / rentsAtOnce), async (n, blockhash) => {
        const pieces: Buffer[] = [];
        for (const place of few)
          pieces.push(
            ...(await piecesOf(where, first + n * rentsAtOnce + place, blockhash)).marker,
          );
        return fill(home, [...pieces, Buffer.from(bs58.decode(blockhash))]);
      }),
  };
}

type Build = (n: number, blockhash: string) => Promise<Buffer>;

async function press(url: string, count: number, build: Build): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const numbers = Array.from({ length: Math.min(batchCalls, count - next) }, () => next++);
      const [latest] = await ask(url, [['getLatestBlockhash', []]]);
      const { blockhash } = (latest as { value: { blockhash: string } }).value;
      const built = await Promise.all(numbers.map((n) => build(n, blockhash)));
      const signatures = built.map((raw) => bs58.encode(raw.subarray(1, messageAt)));
      const options = { encoding: 'base64', skipPreflight: true };
      await ask(
        url,
        built.map((raw) => ['sendTransaction', [raw.toString('base64'), options]]),
      );
      const [answer] = await ask(url, [['getSignatureStatuses', [signatures]]]);
      for (const status of (answer as { value: ({ err: unknown } | null)[] }).value)
        if (status?.err !== null) throw new Error(`a move failed: ${JSON.stringify(status)}`);
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, work));
}

async function ask(url: string, calls: readonly (readonly [string, unknown[]])[]) {
  const body = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answers = (await response.json()) as { result?: unknown; error?: unknown }[];
  return answers.map(({ result, error }) => {
    if (error !== undefined) throw new Error(JSON.stringify(error));
    return result;
  });
}
