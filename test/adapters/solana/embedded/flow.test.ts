import { join } from 'node:path';
import {
  createApproveCheckedInstruction,
  createBurnCheckedInstruction,
  getAccount,
  getMint,
} from '@solana/spl-token';
import {
  type Connection,
  Keypair,
  type PublicKey,
  SendTransactionError,
  type TokenBalance,
  type TransactionInstruction,
} from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveLedger } from '../../../../gateway/adapters/solana/embedded/server.ts';
import { aFolder } from '../neighbours.ts';
import { aLedger, connect, memo, openMarket, sign } from './traders.ts';

const trade = '01JDXW3H9N2ZC1K5T7V0PQRSYA';
const version = { maxSupportedTransactionVersion: 0 };

/** What a hub, a seller and a buyer do with web3.js and spl-token as they come from npm. */
async function wholeFlow(connection: Connection): Promise<void> {
  const market = await openMarket(connection, { mintWh: 5_000, allowanceWh: 3_000 });
  const { hub, seller, buyer, mint, sellerTokens, buyerTokens } = market;
  const send = async (instructions: TransactionInstruction[]) => {
    const { raw } = await sign(connection, instructions, [hub]);
    return { raw, signature: await connection.sendRawTransaction(raw) };
  };
  const transfer = market.transfer(1_250);
  const reference = Keypair.generate().publicKey;
  transfer.keys.push({ pubkey: reference, isSigner: false, isWritable: false });
  const { raw, signature } = await send([transfer, memo(trade)]);

  assert.is((await getAccount(connection, sellerTokens)).delegatedAmount, 1_750n);
  const refused = await send([market.transfer(2_000)]).catch((error: unknown) => error);
  assert.instance(refused, SendTransactionError);
  assert.match((refused as Error).message, 'custom program error: 0x1');
  const notTheDelegate = createBurnCheckedInstruction(buyerTokens, mint, hub.publicKey, 250, 3);
  await assertFails(send([notTheDelegate]), '0x4');
  const burn = createBurnCheckedInstruction(buyerTokens, mint, buyer.publicKey, 250, 3);
  const burning = await sign(connection, [burn], [hub, buyer]);
  await connection.sendRawTransaction(burning.raw);

  assert.is((await getMint(connection, mint)).supply, 4_750n);
  assert.is((await connection.getTokenSupply(mint)).value.uiAmountString, '4.75');
  assert.is((await connection.getTokenAccountBalance(buyerTokens)).value.amount, '1000');
  const owned = await connection.getTokenAccountsByOwner(seller.publicKey, { mint });
  assert.equal(owned.value[0]?.pubkey, sellerTokens);
  await assertFails(connection.sendRawTransaction(raw), 'already been processed');
  await lookAround(connection, { signature, reference, sellerTokens, buyerTokens });
}

type Places = Readonly<Record<'reference' | 'sellerTokens' | 'buyerTokens', PublicKey>>;

async function lookAround(
  connection: Connection,
  { signature, reference, sellerTokens, buyerTokens }: Places & { readonly signature: string },
): Promise<void> {
  const [found, ...others] = await connection.getSignaturesForAddress(reference);
  assert.is(found?.signature, signature);
  assert.is(found?.memo, `[${trade.length}] ${trade}`);
  assert.equal(others, []);
  const shown = await connection.getTransaction(signature, version);
  const amounts = (balances: readonly TokenBalance[] | null | undefined) =>
    (balances ?? []).map((each) => each.uiTokenAmount.amount).sort();
  assert.equal(amounts(shown?.meta?.preTokenBalances), ['0', '5000']);
  assert.equal(amounts(shown?.meta?.postTokenBalances), ['1250', '3750']);
  const parsed = await connection.getParsedTransaction(signature, version);
  assert.ok(parsed?.transaction.message.accountKeys[0]?.signer);
  const [one, two] = await connection.getTransactions([signature, signature], version);
  assert.equal(one, two);
  const accounts = await connection.getMultipleAccountsInfo([sellerTokens, reference]);
  assert.is(accounts[0]?.data.length, 165);
  assert.is(accounts[1], null);
  const readable = await connection.getParsedAccountInfo(buyerTokens);
  const data = readable.value?.data;
  assert.is(
    data !== undefined && 'parsed' in data ? data.parsed.info.tokenAmount.amount : '',
    '1000',
  );
  const { blockhash } = await connection.getLatestBlockhash();
  assert.is((await connection.isBlockhashValid(blockhash)).value, true);
  assert.is((await connection.isBlockhashValid(reference.toBase58())).value, false);
  assert.is(await connection.getMinimumBalanceForRentExemption(165), 2_039_280);
}

async function assertFails(doing: Promise<unknown>, why: string): Promise<void> {
  const error = await doing.then(
    () => undefined,
    (problem: unknown) => problem,
  );
  assert.match(error instanceof Error ? error.message : 'it did not fail', why);
}

const flow = suite('the whole flow with unmodified web3.js');

flow('acceptance 1 and 16: in this process, without a socket', async () => {
  using ledger = aLedger();
  await wholeFlow(ledger.connection);
});

flow('acceptance 1 and 16: over HTTP', async () => {
  using folder = aFolder();
  const options = { host: '127.0.0.1', port: 0 } as const;
  await using server = await serveLedger({ file: join(folder.path, 'ledger.db'), ...options });
  await wholeFlow(connect(undefined, server.url));
});

flow('a later approval replaces delegate and amount', async () => {
  using ledger = aLedger();
  const { connection } = ledger;
  const market = await openMarket(connection, { mintWh: 100, allowanceWh: 100 });
  const other = Keypair.generate().publicKey;
  const { sellerTokens, mint, seller, hub } = market;
  const approve = createApproveCheckedInstruction(
    sellerTokens,
    mint,
    other,
    seller.publicKey,
    5,
    3,
  );
  await connection.sendRawTransaction((await sign(connection, [approve], [hub, seller])).raw);
  const old = await sign(connection, [market.transfer(1)], [hub]);
  await connection.sendRawTransaction(old.raw, { skipPreflight: true });
  const { value } = await connection.getSignatureStatus(old.signature);
  assert.equal(value?.err, { InstructionError: [0, { Custom: 4 }] });
});

flow.run();
