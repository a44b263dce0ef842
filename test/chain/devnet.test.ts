// timeout: 600s
/**
 * The same code on the real devnet, for whoever has a node of it: JIRANI_DEVNET_URL names it, and JIRANI_DEVNET_KEYS a
 * key folder whose fee payer has some SOL. Without them the same run goes over a devnet that is only pretended.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, LAMPORTS_PER_SOL, PublicKey } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeyring } from '../../gateway/adapters/solana/keys.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import type { TokenIntent } from '../../gateway/core/token.ts';
import { epochMs, wattHours } from '../../gateway/core/units.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { aFolder, aLocalChain, valueIn } from '../adapters/solana/neighbours.ts';
import { type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine } from '../support/neighbourhood.ts';
import { aPretendedDevnet, devnetGenesis } from './a-pretended-devnet.ts';

const { JIRANI_DEVNET_URL: realUrl, JIRANI_DEVNET_KEYS: realKeys } = process.env;
/** A devnet is final after about 13 s; a lost transaction costs a minute more. */
const patience = { looks: 240, everyMs: 1_000 };
const leastLamports = LAMPORTS_PER_SOL / 20;

type Run = { readonly url: string; readonly keyDir: string; readonly everyMs: number };

async function fillPurse({ url, keyDir, everyMs }: Run): Promise<void> {
  const purse = new PublicKey(openKeyring(keyDir).hub.publicKey);
  const connection = new Connection(url, {
    commitment: 'confirmed',
    disableRetryOnRateLimit: true,
  });
  if ((await connection.getBalance(purse)) >= leastLamports) return;
  await connection.requestAirdrop(purse, LAMPORTS_PER_SOL);
  for (let look = 0; look < patience.looks; look++) {
    if ((await connection.getBalance(purse)) >= leastLamports) return;
    await pause(everyMs);
  }
  throw new Error(`the faucet gave nothing: send devnet SOL to ${purse.toBase58()}`);
}

async function settled(hub: GivenHub, intent: TokenIntent, everyMs: number): Promise<void> {
  hub.books.tokens.intend(intent, nine);
  for (let look = 0; look < patience.looks; look++) {
    await settleTokens(hub, intent.id);
    if (hub.books.tokens.find(intent.id)?.state !== 'open') return;
    await pause(everyMs);
  }
}

/** Makes or finds the mint, mints 10 Wh, moves them, burns them, and asks each intent for its winner. */
async function mintMoveAndBurn(run: Run): Promise<void> {
  const { url, keyDir, everyMs } = run;
  await fillPurse(run);
  const options = { cluster: 'devnet', urls: [url], keyDir, mayCreateMint: true } as const;
  const chain = await openTokenChain({ ...options, callDeadlineMs: 15_000 });
  const facts = valueIn(await chain.prepare());
  assert.is(facts.genesisHash, devnetGenesis);
  using books = given({ at: epochMs(Date.now()) });
  const hub = Object.assign(books, { chain }) as unknown as GivenHub;
  const before = valueIn(await chain.supply([corner, kiosk]));
  const owe = (kind: TokenIntent['kind'], differs: Partial<TokenIntent>): TokenIntent => {
    const id = hub.ids.fresh() as TokenIntentId;
    return {
      ...{ id, kind, trade: undefined, reference: `${kind}:${id}`, from: corner, to: kiosk },
      ...{ energyWh: wattHours(10), mintWh: wattHours(10), memo: id, state: 'open' },
      ...{ signature: undefined, ...differs },
    };
  };
  const move = owe('transfer', {});
  await settled(hub, move, everyMs);
  assert.is(hub.books.tokens.find(move.id)?.state, 'done');
  const moved = valueIn(await chain.supply([corner, kiosk]));
  assert.is(moved.supplyWh - before.supplyWh, 10);
  const burn = owe('burn', { from: kiosk, to: undefined, mintWh: wattHours(0) });
  await settled(hub, burn, everyMs);
  assert.is(hub.books.tokens.find(burn.id)?.state, 'done');
  assert.equal(valueIn(await chain.supply([corner, kiosk])), before, 'exactly as before');
  for (const intent of [move, burn]) {
    const winner = valueIn(await chain.winnerOf({ intent: intent.id }));
    assert.is(winner?.signature, hub.books.tokens.find(intent.id)?.signature);
    assert.is(hub.books.tokens.attempts(intent.id), 1);
  }
}

const devnet = suite('17: on devnet');

devnet('17: mints, moves and burns exactly, on a devnet that is pretended here', async () => {
  using local = await aLocalChain();
  await using pretended = await aPretendedDevnet(local);
  await mintMoveAndBurn({ url: pretended.url, keyDir: join(local.folder, 'devnet'), everyMs: 5 });
});

if (realUrl !== undefined)
  devnet('17: mints, moves and burns exactly, on the devnet of JIRANI_DEVNET_URL', async () => {
    using folder = aFolder();
    const keyDir = realKeys ?? join(folder.path, 'keys');
    await mintMoveAndBurn({ url: realUrl, keyDir, everyMs: patience.everyMs });
  });

devnet.run();
