/** Brings the rent of old markers home. What it sends needs no guard: a second one finds nothing and fails. */
import { Transaction } from '@solana/web3.js';
import type { TokenIntentId } from '../../core/ids.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Nodes } from './connection.ts';
import { rentReturns } from './instructions.ts';
import type { Keyring } from './keys.ts';
import { finalizedHeights, markersOf } from './look-up.ts';
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
  const page = intents.slice(0, returnsTogether);
  const places = (
    await Promise.all(
      page.map(async (intent) =>
        (await markersOf(keys, intent)).map((place) => ({ ...place, intent })),
      ),
    )
  ).flat();
  const facts = await nodes.ask(async (connection) => ({
    latest: await connection.getLatestBlockhash('confirmed'),
    accounts: await connection.getMultipleAccountsInfo(
      places.map(({ address }) => address),
      'finalized',
    ),
  }));
  if (!facts.ok) return facts;
  const { latest, accounts } = facts.value;
  const held = places.map((one, index) => ({ ...one, lamports: accounts[index]?.lamports ?? 0 }));
  const full = held.filter(({ lamports }) => lamports > 0);
  // A marker's own fee payer must sign; those of one fit into a transaction.
  for (const base of [keys.hub, ...keys.formerHubs]) {
    const ofBase = full.filter(({ hub }) => hub === base);
    if (ofBase.length === 0) continue;
    const transaction = new Transaction({ feePayer: keys.hub.publicKey, ...latest });
    transaction.add(...rentReturns(keys.hub.publicKey, ofBase, priceMicroLamports, base.publicKey));
    addSignatures(transaction, [...new Set([keys.hub, base])]);
    const raw = transaction.serialize({ verifySignatures: false });
    await nodes.ask((connection) => sendRaw(connection, raw));
  }
  return ok(page.filter((intent) => full.every((place) => place.intent !== intent)));
}
