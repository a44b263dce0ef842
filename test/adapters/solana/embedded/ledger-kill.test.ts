import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aFolder } from '../neighbours.ts';
import { auditLedger } from './ledger-audit.ts';
import { connect, openMarket, type Signed, sign } from './traders.ts';

const rounds = 4;
const transfersARound = 40;
/** Long enough for some transfers to land, too short for all. */
const killAfterMs = [3, 25, 8, 50];

const here = new URL('.', import.meta.url);
const embedded = new URL('../../../../gateway/adapters/solana/embedded/', here).href;

const run = (script: string, ...words: string[]) =>
  spawn(process.execPath, ['--input-type=module', '-e', script, ...words], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });

async function startLedger(dataDir: string, port: number) {
  const child = run(
    `const { runLedgerProcess } = await import('${embedded}run-ledger-process.ts');
    const [dataDir, port] = process.argv.slice(1);
    await runLedgerProcess({ dataDir, port: Number(port) });`,
    dataDir,
    String(port),
  );
  const [{ port: ownPort }] = (await once(child, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${ownPort}`;
  return { child, port: ownPort, url, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

async function ended(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode;
}

const kills = suite('a ledger that is killed');

kills(
  'acceptance 5: has equal journal and balances after SIGKILL in the middle of sends',
  async () => {
    using folder = aFolder();
    const file = join(folder.path, 'ledger.db');
    using first = await startLedger(folder.path, 0);
    const { port } = first;
    const connection = connect(undefined, first.url);
    const market = await openMarket(connection, { mintWh: 1_000_000, allowanceWh: 1_000_000 });
    first.child.kill('SIGKILL');
    await ended(first.child);
    const all: Signed[] = [];
    let cutShort = 0;
    let totalWh = 0;
    for (let round = 0; round < rounds; round++) {
      using ledger = await startLedger(folder.path, port);
      const latest = await connection.getLatestBlockhash();
      const signed: Signed[] = [];
      for (let n = 0; n < transfersARound; n++) {
        const wh = 1 + round * transfersARound + n;
        totalWh += wh;
        signed.push(await sign(connection, [market.transfer(wh)], [market.hub], latest));
      }
      all.push(...signed);
      const answered: string[] = [];
      const sending = signed.map(({ raw }) =>
        connection.sendRawTransaction(raw, { skipPreflight: true }).then(
          (signature) => answered.push(signature),
          () => {},
        ),
      );
      await sleep(killAfterMs[round % killAfterMs.length]);
      ledger.child.kill('SIGKILL');
      assert.is(await ended(ledger.child), 'SIGKILL');
      await Promise.all(sending);
      if (answered.length < transfersARound) cutShort++;
      const { differences, journalled } = auditLedger(file);
      assert.equal(differences, [], `round ${round}`);
      const lost = answered.filter((signature) => !journalled.has(signature));
      assert.equal(lost, [], 'every answer was on disk');
    }
    assert.ok(cutShort > 0, 'no kill came in time');
    using last = await startLedger(folder.path, port);
    for (const { raw } of all) await connection.sendRawTransaction(raw, { skipPreflight: true });
    const { value } = await connection.getTokenAccountBalance(market.buyerTokens);
    assert.is(value.amount, String(totalWh));
    last.child.kill('SIGTERM');
    assert.is(await ended(last.child), 0);
    assert.equal(auditLedger(file).differences, []);
  },
);

async function cutAt(where: string) {
  using folder = aFolder();
  const file = join(folder.path, 'ledger.db');
  const child = spawn(process.execPath, [new URL('cut-ledger.ts', here).pathname, where, file], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(child, 'close');
  assert.is(child.signalCode, 'SIGKILL', where);
  const answered = said.split('\n').filter((line) => line !== '');
  return { answered, ...auditLedger(file) };
}

kills('acceptance 5: is whole wherever in a transfer the power goes', async () => {
  const points = [
    ['before it begins', 9],
    ['before it runs', 9],
    ['after it ran', 9],
    ['after it was written', 9],
    ['before the commit', 9],
    ['after the commit', 10],
  ] as const;
  const cuts = await Promise.all(points.map(([where]) => cutAt(where)));
  cuts.forEach(({ answered, journalled, differences }, place) => {
    const [where, inJournal] = points[place] ?? [];
    assert.equal(differences, [], where);
    assert.is(journalled.size, inJournal, where);
    assert.is(answered.length, 4, where);
    assert.ok(
      answered.every((each) => journalled.has(each)),
      where,
    );
  });
});

kills('negative control: a journal in two halves is caught by the same audit', async () => {
  const { differences } = await cutAt('between two halves of a torn journal');
  assert.is(differences.length, 2);
  for (const each of differences) assert.match(each, /journalled -?\d+, held \d+/);
});

kills('ends with its parent, and a client of it ends by itself', async () => {
  using folder = aFolder();
  using ledger = await startLedger(folder.path, 0);
  const client = run(
    `const { Connection } = await import('@solana/web3.js');
    await new Connection(process.argv[1]).getSlot();
    process.disconnect();`,
    ledger.url,
  );
  assert.is(await ended(client), 0);
  ledger.child.disconnect();
  assert.is(await ended(ledger.child), 0);
});

kills.run();
