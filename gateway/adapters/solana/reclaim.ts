/** Brings the rent of old markers home. What it sends needs no guard: a second one finds nothing and fails. */
import { Transaction } from '@solana/web3.js';
import type { TokenIntentId } from '../../core/ids.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Nodes } from './connection.ts';
import { markerFor, rentReturns } from './instructions.ts';
import type { Keyring } from './keys.ts';
import { finalizedHeights } from './look-up.ts';
import { sendRaw } from './send-raw.ts';
import { addSignatures } from './signatures.ts';

/** A return takes about 130 bytes of a packet's 1232. */
const returnsTogether = 7;

type Needs = {
  readonly nodes: Nodes;
  readonly keys: Keyring;
  readonly priceMicroLamports: number;
};

/** Answers the intents whose marker is empty for good. All nodes must be past `pastHeight`, finalized. */
export async function reclaimRent(
  { nodes, keys, priceMicroLamports }: Needs,
  intents: readonly TokenIntentId[],
  pastHeight: number,
): Promise<Result<TokenIntentId[], 'unreachable'>> {
  const { lowest, silent } = await finalizedHeights(nodes);
  if (silent > 0 || lowest <= pastHeight) return fail('unreachable');
  const hub = keys.hub.publicKey;
  const page = await Promise.all(
    intents.slice(0, returnsTogether).map(async (intent) => ({
      intent,
      ...(await markerFor(hub, keys.markerSecret, intent)),
    })),
  );
  const addresses = page.map(({ address }) => address);
  const facts = await nodes.ask(async (connection) => ({
    latest: await connection.getLatestBlockhash('confirmed'),
    accounts: await connection.getMultipleAccountsInfo(addresses, 'finalized'),
  }));
  if (!facts.ok) return facts;
  const { latest, accounts } = facts.value;
  const held = page.map((one, index) => ({ ...one, lamports: accounts[index]?.lamports ?? 0 }));
  const full = held.filter(({ lamports }) => lamports > 0);
  if (full.length > 0) {
    const transaction = new Transaction({ feePayer: hub, ...latest });
    transaction.add(...rentReturns(hub, full, priceMicroLamports));
    addSignatures(transaction, [keys.hub]);
    const raw = transaction.serialize({ verifySignatures: false });
    await nodes.ask((connection) => sendRaw(connection, raw));
  }
  return ok(held.filter(({ lamports }) => lamports === 0).map(({ intent }) => intent));
}
