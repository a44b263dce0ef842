import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openTokenChain } from '../../../../gateway/adapters/solana/token-chain.ts';
import type { SignedMove, TokenChain, TokenMove } from '../../../../gateway/ports/tokens.ts';
import { aFolder, aMove, cornerHouse, heldBy, kiosk, settle, valueIn } from '../neighbours.ts';

const adapter = new URL('../../../../gateway/adapters/solana/', import.meta.url).href;
const run = (script: string, ...words: string[]) =>
  spawn(process.execPath, ['--input-type=module', '-e', script, ...words], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });

async function startLedger(dataDir: string, port: number) {
  const script = `
    const { runLedgerProcess } = await import('${adapter}embedded/run-ledger-process.ts');
    const [dataDir, port] = process.argv.slice(1);
    await runLedgerProcess({ dataDir, port: Number(port) });`;
  const child = run(script, dataDir, String(port));
  const [{ port: ownPort }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port: ownPort, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

async function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

const powerCuts = suite('the ledger as a process of its own');

type Sent = { readonly move: TokenMove; readonly signed: SignedMove };
async function seenWh(chain: TokenChain, sent: readonly Sent[]): Promise<number> {
  let sumWh = 0;
  for (const { move, signed } of sent) {
    const status = valueIn(await chain.statusOf(move, signed.signature));
    if (status.kind === 'seen') sumWh += move.energyWh;
  }
  return sumWh;
}

powerCuts('knows after a kill exactly what it had moved, and moves the rest once', async () => {
  using folder = aFolder();
  const dataDir = join(folder.path, 'ledger');
  using first = await startLedger(dataDir, 0);
  const chain = await openTokenChain({
    cluster: 'embedded',
    urls: [`http://127.0.0.1:${first.port}`],
    keyDir: join(folder.path, 'keys'),
  });
  valueIn(await chain.prepare());
  await settle(chain, aMove(100, { mintWh: 100_000, energyWh: 0 }));
  const sent: Sent[] = [];
  for (let n = 1; n <= 30; n++) {
    const move = aMove(n, { energyWh: 2 * n + 1 });
    sent.push({ move, signed: valueIn(await chain.sign(move)) });
  }
  const totalWh = sent.reduce((sum, { move }) => sum + move.energyWh, 0);

  const sending = Promise.all(sent.map(({ signed }) => chain.send(signed)));
  while ((await seenWh(chain, sent.slice(0, 1))) === 0) await chain.finalizedHeight();
  first.child.kill('SIGKILL');
  await sending;
  assert.is(await ended(first.child), 'SIGKILL');
  assert.equal(await chain.finalizedHeight(), { ok: false, error: 'unreachable' });

  using second = await startLedger(dataDir, first.port);
  const movedWh = await seenWh(chain, sent);
  assert.is(await heldBy(chain, kiosk), movedWh);
  for (const { signed } of sent) await chain.send(signed);
  assert.is(await heldBy(chain, kiosk), totalWh);
  assert.is(await seenWh(chain, sent), totalWh);
  assert.equal(valueIn(await chain.supply([cornerHouse, kiosk])), {
    supplyWh: 100_000,
    heldWh: 100_000,
  });
  second.child.kill('SIGTERM');
  assert.is(await ended(second.child), 0);
});

powerCuts('ends with its parent, and a client of it ends by itself', async () => {
  using folder = aFolder();
  using ledger = await startLedger(folder.path, 0);
  const { child, port } = ledger;
  const client = run(
    `
    const { openTokenChain } = await import('${adapter}token-chain.ts');
    const [url, keyDir, move] = process.argv.slice(1);
    const chain = await openTokenChain({ cluster: 'embedded', urls: [url], keyDir });
    await chain.prepare();
    const signed = await chain.sign(JSON.parse(move));
    await chain.send(signed.value);
    process.disconnect();`,
    `http://127.0.0.1:${port}`,
    join(folder.path, 'keys'),
    JSON.stringify(aMove(1, { mintWh: 100 })),
  );
  assert.is(await ended(client), 0);
  child.disconnect();
  assert.is(await ended(child), 0);
});

powerCuts.run();
