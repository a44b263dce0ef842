/** A second client, by other hands than web3.js: @solana/kit as it comes from npm, over HTTP. */
import { join } from 'node:path';
import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstructions,
  createSolanaRpc,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  isSolanaError,
  type KeyPairSigner,
  lamports,
  pipe,
  SOLANA_ERROR__JSON_RPC__METHOD_NOT_FOUND,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { serveLedger } from '../../../../gateway/adapters/solana/embedded/server.ts';
import { aFolder } from '../neighbours.ts';
import { connect, memoProgram, openMarket, solLamports } from './traders.ts';

const system = address('11111111111111111111111111111111');

function payment(from: KeyPairSigner, to: Address, amount: bigint) {
  const data = new Uint8Array(12);
  data[0] = 2;
  new DataView(data.buffer).setBigUint64(4, amount, true);
  const accounts = [
    { address: from.address, role: AccountRole.WRITABLE_SIGNER, signer: from },
    { address: to, role: AccountRole.WRITABLE },
  ];
  return { programAddress: system, accounts, data };
}

async function open() {
  const folder = aFolder();
  const options = { host: '127.0.0.1', port: 0 } as const;
  const server = await serveLedger({ file: join(folder.path, 'ledger.db'), ...options });
  const rpc = createSolanaRpc(server.url);
  return {
    ...{ rpc, url: server.url },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
type Rpc = Awaited<ReturnType<typeof open>>['rpc'];

async function pay(rpc: Rpc, from: KeyPairSigner, to: Address, version: 0 | 'legacy') {
  const { value: latest } = await rpc.getLatestBlockhash().send();
  const memo = { programAddress: address(memoProgram), data: Buffer.from('01JDXW3H9N') };
  const message = pipe(
    // Both are built alike; only the types of the library keep them apart.
    createTransactionMessage({ version: version as 0 }),
    (empty) => setTransactionMessageFeePayerSigner(from, empty),
    (payed) => setTransactionMessageLifetimeUsingBlockhash(latest, payed),
    (timed) => appendTransactionMessageInstructions([payment(from, to, 5_000_000n), memo], timed),
  );
  return signTransactionMessageWithSigners(
    message as Parameters<typeof signTransactionMessageWithSigners>[0],
  );
}

const client = suite('@solana/kit, unchanged, as a client of the local ledger');

for (const version of [0, 'legacy'] as const) {
  client(`pays, asks what became of it, and reads it back (${version})`, async () => {
    await using ledger = await open();
    const { rpc } = ledger;
    const [payer, receiver] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
    await rpc.requestAirdrop(payer.address, lamports(BigInt(solLamports))).send();
    const signed = await pay(rpc, payer, receiver.address, version);
    const signature = getSignatureFromTransaction(signed);
    const wire = getBase64EncodedWireTransaction(signed);
    const tried = await rpc.simulateTransaction(wire, { encoding: 'base64' }).send();
    assert.is(tried.value.err, null);
    const sent = await rpc.sendTransaction(wire, { encoding: 'base64' }).send();
    assert.is(sent, signature);

    const statuses = await rpc
      .getSignatureStatuses([signature], { searchTransactionHistory: true })
      .send();
    assert.is(statuses.value[0]?.err, null);
    assert.is((await rpc.getBalance(receiver.address).send()).value, 5_000_000n);
    const account = await rpc.getAccountInfo(receiver.address, { encoding: 'base64' }).send();
    assert.is(account.value?.owner, system);
    const several = await rpc.getMultipleAccounts([receiver.address, payer.address]).send();
    assert.is(several.value.length, 2);
    const [listed] = await rpc
      .getSignaturesForAddress(receiver.address, { commitment: 'confirmed', limit: 5 })
      .send();
    assert.is(listed?.signature, signature);
    const shown = await rpc
      .getTransaction(signature, {
        ...{ commitment: 'confirmed', encoding: 'json', maxSupportedTransactionVersion: 0 },
      })
      .send();
    assert.is(shown?.version, version);
    assert.is(shown?.meta?.postBalances[1], 5_000_000n);
  });
}

client('finds tokens and asks about time, height and rent', async () => {
  await using ledger = await open();
  const { rpc } = ledger;
  const market = await openMarket(connect(undefined, ledger.url), {
    mintWh: 2_500,
    allowanceWh: 0,
  });
  const mint = address(market.mint.toBase58());
  const tokens = address(market.sellerTokens.toBase58());
  const owner = address(market.seller.publicKey.toBase58());
  assert.is((await rpc.getTokenSupply(mint).send()).value.amount, '2500');
  assert.is((await rpc.getTokenAccountBalance(tokens).send()).value.uiAmountString, '2.5');
  const owned = await rpc
    .getTokenAccountsByOwner(owner, { mint }, { encoding: 'jsonParsed' })
    .send();
  assert.is(owned.value[0]?.account.data.parsed.info.tokenAmount.amount, '2500');
  const [slot, height] = [await rpc.getSlot().send(), await rpc.getBlockHeight().send()];
  assert.ok(height >= slot && slot >= 0n);
  assert.is(typeof (await rpc.getGenesisHash().send()), 'string');
  assert.is(await rpc.getMinimumBalanceForRentExemption(0n).send(), 890_880n);
  const { value } = await rpc.getLatestBlockhash({ commitment: 'processed' }).send();
  assert.is((await rpc.isBlockhashValid(value.blockhash).send()).value, true);
});

client('hears what the ledger does not do', async () => {
  await using ledger = await open();
  const error = await ledger.rpc
    .getVoteAccounts()
    .send()
    .catch((problem: unknown) => problem);
  assert.ok(isSolanaError(error, SOLANA_ERROR__JSON_RPC__METHOD_NOT_FOUND));
});

client.run();
