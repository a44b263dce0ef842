/** What a rotation of keys still has to do on the chain. Begun in the keystore, ended here, and safe to repeat. */
import { setTimeout as wait } from 'node:timers/promises';
import { unpackMint } from '@solana/spl-token';
import { type Keypair, type PublicKey, SystemProgram, Transaction } from '@solana/web3.js';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Nodes } from './connection.ts';
import { handOverInstructions } from './instructions.ts';
import type { Keyring } from './keys.ts';
import { sendRaw } from './send-raw.ts';
import { addSignatures } from './signatures.ts';

/** At first often, because a local ledger is quick; about a minute in all, and whoever asked comes again. */
const [looksMost, firstWaitMs, longestWaitMs] = [35, 50, 2_000];
/** What got lost is made anew after half a minute: the second one to land fails and costs a fee. */
const sendEveryLooks = 20;

type HandOver = {
  readonly nodes: Nodes;
  readonly keys: Keyring;
  readonly priceMicroLamports: number;
};
type Answer = Result<void, 'unreachable'>;

/** The SOL of former fee payers goes to the present one: what is less than the fee stays. */
export async function sweepFormerPurses({ nodes, keys }: HandOver): Promise<Answer> {
  for (const former of keys.formerHubs) {
    const swept = await until(
      () => look(nodes, former),
      (found) => sweep(nodes, former, keys.hub.publicKey, found),
    );
    if (!swept.ok) return swept;
  }
  return ok(undefined);
}

type Purse = { readonly lamports: number; readonly feeLamports: number };

const look = (nodes: Nodes, former: Keypair): Promise<Result<Purse | undefined, 'unreachable'>> =>
  nodes.ask(async (connection) => {
    const lamports = await connection.getBalance(former.publicKey, 'confirmed');
    if (lamports === 0) return undefined;
    const latest = await connection.getLatestBlockhash('confirmed');
    const trial = new Transaction({ feePayer: former.publicKey, ...latest });
    trial.add(moveSol(former.publicKey, former.publicKey, 1));
    const { value } = await connection.getFeeForMessage(trial.compileMessage(), 'confirmed');
    const feeLamports = value ?? Number.POSITIVE_INFINITY;
    return lamports > feeLamports ? { lamports, feeLamports } : undefined;
  });

const sweep = (nodes: Nodes, former: Keypair, to: PublicKey, { lamports, feeLamports }: Purse) =>
  nodes.ask(async (connection) => {
    const latest = await connection.getLatestBlockhash('confirmed');
    const transaction = new Transaction({ feePayer: former.publicKey, ...latest });
    transaction.add(moveSol(former.publicKey, to, lamports - feeLamports));
    addSignatures(transaction, [former]);
    await sendRaw(connection, transaction.serialize({ verifySignatures: false }));
  });

const moveSol = (fromPubkey: PublicKey, toPubkey: PublicKey, lamports: number) =>
  SystemProgram.transfer({ fromPubkey, toPubkey, lamports });

/** Final before the old key is forgotten: until then the keystore has both, and either may be the mint's. */
export async function handOverMint(handOver: HandOver, mint: PublicKey): Promise<Answer> {
  const { nodes, keys } = handOver;
  const { nextMintAuthority: next } = keys;
  if (next === undefined) return ok(undefined);
  const isThere = async () => {
    const found = await nodes.ask((connection) => connection.getAccountInfo(mint, 'finalized'));
    if (!found.ok) return found;
    const authority = found.value && unpackMint(mint, found.value).mintAuthority;
    return ok(authority?.equals(next.publicKey) ? undefined : next);
  };
  const handed = await until(isThere, () => send(handOver, mint, next));
  if (handed.ok) keys.finishMintAuthority();
  return handed;
}

const send = ({ nodes, keys, priceMicroLamports }: HandOver, mint: PublicKey, next: Keypair) =>
  nodes.ask(async (connection) => {
    const { hub, mintAuthority } = keys;
    const latest = await connection.getLatestBlockhash('confirmed');
    const transaction = new Transaction({ feePayer: hub.publicKey, ...latest });
    const [from, to] = [mintAuthority.publicKey, next.publicKey];
    transaction.add(...handOverInstructions(mint, from, to, priceMicroLamports));
    addSignatures(transaction, [hub, mintAuthority]);
    await sendRaw(connection, transaction.serialize({ verifySignatures: false }));
  });

/** Looks until nothing is left to do, and sends now and then. */
async function until<T>(
  whatIsLeft: () => Promise<Result<T | undefined, 'unreachable'>>,
  act: (left: T) => Promise<unknown>,
): Promise<Answer> {
  for (let count = 0; count < looksMost; count++) {
    const left = await whatIsLeft();
    if (!left.ok) return left;
    if (left.value === undefined) return ok(undefined);
    if (count % sendEveryLooks === 0) await act(left.value);
    await wait(Math.min(longestWaitMs, firstWaitMs * 2 ** count));
  }
  return fail('unreachable');
}
