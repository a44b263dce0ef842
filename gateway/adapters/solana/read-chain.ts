/** What anybody may read of the chain without a key: balances, supply, and what became of signatures. */
import { getAssociatedTokenAddressSync } from '@solana/spl-token';
import { type Connection, PublicKey } from '@solana/web3.js';
import { fail, ok, type Result } from '../../core/result.ts';
import { type Nodes, openNodes } from './connection.ts';
import { memoProgram } from './instructions.ts';
import { accountsPerQuestion, readWallets } from './wallets.ts';

/** The most that getSignatureStatuses takes. */
const statusesPerQuestion = 256;

export type ChainReaderOptions = {
  readonly urls: readonly string[];
  readonly genesisHash: string;
  /** Left out by whoever asks for no balances. */
  readonly mint?: string;
  readonly callDeadlineMs: number;
  /** Stands in for the network. */
  readonly fetch?: typeof fetch;
};

export type SignatureFate = 'landed' | 'failed' | 'unknown';

export type LandedMemo = {
  /** base58; who signed first and paid. */
  readonly payer: string;
  readonly memos: readonly string[];
  readonly failed: boolean;
};

export type ChainReader = {
  supplyWh(): Promise<Result<number, 'unreachable'>>;
  /** Confirmed balances in Wh, in the order of `owners`; 0 for a household without tokens. */
  heldWh(owners: readonly string[]): Promise<Result<number[], 'unreachable'>>;
  /** Confirmed or better; 'unknown' may also mean that the node has forgotten. */
  fates(signatures: readonly string[]): Promise<Result<SignatureFate[], 'unreachable'>>;
  /** What a finalized transaction says; undefined when the node knows none of that name. */
  memoOf(signature: string): Promise<Result<LandedMemo | undefined, 'unreachable'>>;
};

/** Refuses a node of another chain. */
export async function openChainReader(
  options: ChainReaderOptions,
): Promise<Result<ChainReader, 'unreachable' | 'wrong-chain'>> {
  const { urls, callDeadlineMs, genesisHash, fetch } = options;
  const nodes = openNodes({ urls, callDeadlineMs, ...(fetch === undefined ? {} : { fetch }) });
  const met = await nodes.meet(genesisHash);
  if (!met.ok) return met;
  const mint = options.mint === undefined ? PublicKey.default : new PublicKey(options.mint);
  return ok({
    supplyWh: () =>
      nodes.ask(async (connection) =>
        Number((await connection.getTokenSupply(mint, 'confirmed')).value.amount),
      ),
    heldWh: (owners) => inPages(owners, accountsPerQuestion, (page) => heldBy(nodes, mint, page)),
    memoOf: (signature) => nodes.ask((connection) => readMemo(connection, signature)),
    fates: (signatures) => inPages(signatures, statusesPerQuestion, (page) => fatesOf(nodes, page)),
  });
}

async function inPages<In, Out>(
  all: readonly In[],
  size: number,
  read: (page: readonly In[]) => Promise<Result<Out[], 'unreachable'>>,
): Promise<Result<Out[], 'unreachable'>> {
  const found: Out[] = [];
  for (let start = 0; start < all.length; start += size) {
    const page = await read(all.slice(start, start + size));
    if (!page.ok) return fail('unreachable');
    found.push(...page.value);
  }
  return ok(found);
}

const heldBy = (nodes: Nodes, mint: PublicKey, owners: readonly string[]) =>
  nodes.ask(async (connection) => {
    const accounts = owners.map((owner) =>
      getAssociatedTokenAddressSync(mint, new PublicKey(owner)),
    );
    const wallets = await readWallets(connection, accounts);
    return wallets.map(({ seen }) => Number(seen?.amountWh ?? 0n));
  });

async function readMemo(connection: Connection, signature: string) {
  const found = await connection.getTransaction(signature, {
    commitment: 'finalized',
    maxSupportedTransactionVersion: 0,
  });
  if (found === null) return undefined;
  const { staticAccountKeys, compiledInstructions } = found.transaction.message;
  const memos = compiledInstructions
    .filter(({ programIdIndex }) => staticAccountKeys[programIdIndex]?.equals(memoProgram))
    .map(({ data }) => Buffer.from(data).toString('utf8'));
  const payer = staticAccountKeys[0]?.toBase58() ?? '';
  return { payer, memos, failed: found.meta?.err != null };
}

const fatesOf = (nodes: Nodes, signatures: readonly string[]) =>
  nodes.ask(async (connection) => {
    const options = { searchTransactionHistory: true };
    const { value } = await connection.getSignatureStatuses([...signatures], options);
    return value.map((status): SignatureFate => {
      if (status === null || status.confirmationStatus === 'processed') return 'unknown';
      return status.err === null ? 'landed' : 'failed';
    });
  });
