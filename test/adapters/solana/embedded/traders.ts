/** The corner house and the kiosk as plain clients of the ledger: web3.js and spl-token as they come from npm. */
import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  createApproveCheckedInstruction,
  createAssociatedTokenAccountIdempotentInstruction,
  createInitializeMint2Instruction,
  createMintToCheckedInstruction,
  createTransferCheckedInstruction,
  getAssociatedTokenAddressSync,
  MINT_SIZE,
  TOKEN_PROGRAM_ID,
} from '@solana/spl-token';
import {
  type BlockhashWithExpiryBlockHeight,
  Connection,
  Keypair,
  PublicKey,
  SystemProgram,
  Transaction,
  TransactionInstruction,
} from '@solana/web3.js';
import bs58 from 'bs58';
import {
  type LedgerOptions,
  openLocalLedger,
} from '../../../../gateway/adapters/solana/embedded/server.ts';
import { type Answer, aClock, aFolder } from '../neighbours.ts';

export const memoProgram = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
export const solLamports = 1_000_000_000;
const decimals = 3;

export type Ask = typeof fetch;
export type Signed = { readonly raw: Buffer; readonly signature: string };

/** Speaks to a ledger in this process, or at a URL. */
export const connect = (ask: Ask | undefined, url = 'http://embedded.invalid'): Connection =>
  new Connection(url, {
    commitment: 'confirmed',
    disableRetryOnRateLimit: true,
    httpAgent: false,
    ...(ask === undefined ? {} : { fetch: ask }),
  });

export async function call(ask: Ask, method: string, ...params: unknown[]): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return (await (await ask('http://embedded.invalid', { body })).json()) as Answer;
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const privateKey = (secretKey: Uint8Array) =>
  createPrivateKey({
    ...({ format: 'der', type: 'pkcs8' } as const),
    key: Buffer.concat([pkcs8Head, secretKey.subarray(0, 32)]),
  });

export async function sign(
  connection: Connection,
  instructions: readonly TransactionInstruction[],
  signers: readonly Keypair[],
  latest?: BlockhashWithExpiryBlockHeight,
): Promise<Signed> {
  const [payer] = signers;
  const transaction = new Transaction({
    ...(payer === undefined ? {} : { feePayer: payer.publicKey }),
    ...(latest ?? (await connection.getLatestBlockhash())),
  });
  transaction.add(...instructions);
  // By the machine's own Ed25519: web3.js signs in big integers, and 500 of them take seconds.
  const message = transaction.serializeMessage();
  for (const { publicKey, secretKey } of signers)
    transaction.addSignature(publicKey, signBytes(null, message, privateKey(secretKey)));
  return {
    raw: transaction.serialize({ verifySignatures: false }),
    signature: bs58.encode(transaction.signature as Buffer),
  };
}

export type Market = {
  readonly hub: Keypair;
  readonly metering: Keypair;
  readonly seller: Keypair;
  readonly buyer: Keypair;
  readonly mint: PublicKey;
  readonly sellerTokens: PublicKey;
  readonly buyerTokens: PublicKey;
  /** A transfer by the hub as the seller's delegate. */
  transfer(wh: number): TransactionInstruction;
};

/** Makes a mint of 3 decimals, two token accounts, `mintWh` for the seller, and an allowance for the hub. */
export async function openMarket(
  connection: Connection,
  { mintWh, allowanceWh }: { readonly mintWh: number; readonly allowanceWh: number },
): Promise<Market> {
  const people = () => Keypair.generate();
  const [hub, metering, seller, buyer, mintKey] = [
    people(),
    people(),
    people(),
    people(),
    people(),
  ];
  const mint = mintKey.publicKey;
  const [sellerTokens, buyerTokens] = [seller, buyer].map(({ publicKey }) =>
    getAssociatedTokenAddressSync(mint, publicKey),
  ) as [PublicKey, PublicKey];
  await connection.requestAirdrop(hub.publicKey, 10 * solLamports);
  const go = async (instructions: TransactionInstruction[], signers: Keypair[]) =>
    connection.sendRawTransaction((await sign(connection, instructions, signers)).raw);
  await go(
    [
      SystemProgram.createAccount({
        ...{ fromPubkey: hub.publicKey, newAccountPubkey: mint, space: MINT_SIZE },
        lamports: await connection.getMinimumBalanceForRentExemption(MINT_SIZE),
        programId: TOKEN_PROGRAM_ID,
      }),
      createInitializeMint2Instruction(mint, decimals, metering.publicKey, null),
    ],
    [hub, mintKey],
  );
  const account = (tokens: PublicKey, owner: Keypair) =>
    createAssociatedTokenAccountIdempotentInstruction(hub.publicKey, tokens, owner.publicKey, mint);
  await go([account(sellerTokens, seller), account(buyerTokens, buyer)], [hub]);
  await go(
    [createMintToCheckedInstruction(mint, sellerTokens, metering.publicKey, mintWh, decimals)],
    [hub, metering],
  );
  await go(
    [
      createApproveCheckedInstruction(
        ...([sellerTokens, mint, hub.publicKey, seller.publicKey, allowanceWh, decimals] as const),
      ),
    ],
    [hub, seller],
  );
  return {
    ...{ hub, metering, seller, buyer, mint, sellerTokens, buyerTokens },
    transfer: (wh) =>
      createTransferCheckedInstruction(
        sellerTokens,
        mint,
        buyerTokens,
        hub.publicKey,
        wh,
        decimals,
      ),
  };
}

export const memo = (text: string) =>
  new TransactionInstruction({
    programId: new PublicKey(memoProgram),
    keys: [],
    data: Buffer.from(text),
  });

export type LocalLedger = Disposable & {
  readonly fetch: Ask;
  readonly connection: Connection;
  readonly clock: ReturnType<typeof aClock>;
  readonly file: string;
  call(method: string, ...params: unknown[]): Promise<Answer>;
  /** Off and on again; the machine's clock begins anew, and the wall's is an hour back. */
  restart(): void;
};

/** A ledger in this process whose slots the test moves by hand. */
export function aLedger(options: Partial<LedgerOptions> = {}): LocalLedger {
  const folder = aFolder();
  const clock = aClock(60_000);
  const file = join(folder.path, 'ledger.db');
  let wallMs = Date.UTC(2026, 10, 24);
  const open = () => openLocalLedger({ file, clock, wallMs: () => wallMs, ...options });
  let ledger = open();
  const ask: Ask = (url, init) => ledger.fetch(url, init);
  return {
    ...{ fetch: ask, connection: connect(ask), clock, file },
    call: (method, ...params) => call(ask, method, ...params),
    restart() {
      ledger[Symbol.dispose]();
      clock.passSlots(-clock.elapsedMs() / 400);
      wallMs -= 3_600_000;
      ledger = open();
    },
    [Symbol.dispose]() {
      ledger[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}
