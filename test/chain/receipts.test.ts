import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalLedger, serveLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import { readReceiptFile, receiptFileOf } from '../../gateway/commands/receipt-form.ts';
import { judgeReceipt } from '../../gateway/commands/receipt-verdict.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import { epochMs } from '../../gateway/core/units.ts';
import { noteReceipts } from '../../gateway/steps/note-receipts.ts';
import { aFolder, valueIn } from '../adapters/solana/neighbours.ts';
import { given } from '../support/given.ts';
import { nine } from '../support/neighbourhood.ts';
import {
  aHubWithReceipts,
  aTradeOnTheChain,
  closeTheDay,
  nextDayAt,
  note,
  type ReceiptScene,
} from './a-receipt.ts';

const receipts = suite('receipts that nobody has to take from the hub');

const memosIn = async ({ local, hub }: ReceiptScene): Promise<string[]> => {
  const facts = hub.books.tokens.chain();
  const listed = await local.call('getSignaturesForAddress', facts?.hub, { limit: 1_000 });
  const all = (listed.result as { memo: string | null; err: unknown }[]).filter(({ err }) => !err);
  return all.flatMap(({ memo }) => (memo?.includes('jirani:receipts') ? [memo] : []));
};
const asking = ({ local }: ReceiptScene) => ({
  ...{ urls: ['http://embedded.invalid'], callDeadlineMs: 2_000, fetch: local.fetch },
});

receipts('a day’s receipts are one tree, whose root stands on the chain in one memo', async () => {
  using scene = await aHubWithReceipts();
  const { hub } = scene;
  const trades = [await aTradeOnTheChain(scene), await aTradeOnTheChain(scene)];
  assert.is(closeTheDay(scene, 0.75), undefined, 'not before one o’clock');
  const day = closeTheDay(scene) ?? '';
  await note(scene, day);
  assert.is(closeTheDay(scene, 2), undefined, 'a day closes once');
  const [memo = '', ...others] = await memosIn(scene);
  assert.equal(others, []);
  assert.match(memo, /jirani:receipts:1:2026-06-15:2:[0-9a-f]{64}$/);
  assert.not.match(memo, /254\d{9}|kiosk|corner|[A-Z0-9]{10}:/);
  for (const trade of trades) {
    const file = valueIn(receiptFileOf(hub.books, trade));
    const verdict = await judgeReceipt(file, asking(scene));
    assert.equal([verdict.good.length, verdict.unchecked, verdict.wrong], [3, [], []]);
    assert.is(file.receipt.trade, trade);
    assert.equal([file.receipt.energyWh, file.receipt.amountCents], [1_000, 1_500]);
    assert.not.match(JSON.stringify(file), /kiosk|corner-house|254\d{9}/);
  }
});

receipts('a trade that settles after midnight is in the next day’s tree', async () => {
  using scene = await aHubWithReceipts();
  const early = await aTradeOnTheChain(scene);
  scene.hub.clock.set(nine + 86_400_000);
  const late = await aTradeOnTheChain(scene);
  closeTheDay(scene);
  assert.ok(scene.hub.books.receipts.ofTrade(early));
  assert.is(scene.hub.books.receipts.ofTrade(late), undefined);
  assert.equal(receiptFileOf(scene.hub.books, late), { ok: false, error: 'not yet' });
  assert.equal(receiptFileOf(scene.hub.books, 'nothing'), { ok: false, error: 'unknown' });
});

receipts('any changed character fails, and none is called good', async () => {
  using scene = await aHubWithReceipts();
  const [trade] = [await aTradeOnTheChain(scene), await aTradeOnTheChain(scene)];
  await aTradeOnTheChain(scene);
  await note(scene, closeTheDay(scene) ?? '');
  const file = valueIn(receiptFileOf(scene.hub.books, trade ?? ''));
  const text = JSON.stringify(file);
  const chain = asking(scene);
  const isGood = async (changed: string): Promise<boolean> => {
    const read = readReceiptFile(changed);
    if (!read.ok) return false;
    const { unchecked, wrong } = await judgeReceipt(read.value, chain);
    return unchecked.length + wrong.length === 0;
  };
  assert.ok(await isGood(text));
  const place = fc.nat({ max: text.length - 1 });
  const sign = fc.constantFrom(...'0123456789abcdefXYZ{}",:-');
  await fc.assert(
    fc.asyncProperty(place, sign, async (at, put) => {
      fc.pre(text[at] !== put);
      return !(await isGood(text.slice(0, at) + put + text.slice(at + 1)));
    }),
    { numRuns: 300 },
  );
});

receipts('another hub’s memo, and a memo of other words, prove nothing', async () => {
  using scene = await aHubWithReceipts();
  const trade = await aTradeOnTheChain(scene);
  await note(scene, closeTheDay(scene) ?? '');
  const file = valueIn(receiptFileOf(scene.hub.books, trade));
  const chain = asking(scene);
  const wrongIn = async (changes: object) =>
    (await judgeReceipt({ ...file, chain: { ...file.chain, ...changes } }, chain)).wrong.join();
  assert.match(await wrongIn({ hub: file.receipt.seller }), 'signed by');
  assert.match(await wrongIn({ memoSignature: file.receipt.signature }), 'something else');
});

receipts('power cut between the intention and the send: the memo stands once', async () => {
  using scene = await aHubWithReceipts();
  const trade = await aTradeOnTheChain(scene);
  const day = closeTheDay(scene) as TokenIntentId;
  const { hub, local } = scene;
  const { memo } = valueIn(receiptFileOf(hub.books, trade)).chain;
  // Signed and on disk; the lights go out before the first send.
  const signed = valueIn(await local.chain.signNote({ intent: day, text: memo }));
  assert.ok(hub.books.receipts.saveAttempt(day, signed));
  assert.is(hub.books.receipts.saveAttempt(day, { ...signed, signature: 'other' }), false);
  local.restart();
  await note(scene, day);
  assert.equal((await memosIn(scene)).length, 1);
  assert.is(hub.books.receipts.find(day)?.signature, signed.signature, 'the same bytes');
  assert.is(hub.books.receipts.attempts(day), 1);
});

receipts('after kill -9 between the intention and the send the receipt verifies', async () => {
  using folder = aFolder();
  const books = join(folder.path, 'books.db');
  const child = fileURLToPath(new URL('./die-before-sending.ts', import.meta.url));
  const died = await run({}, child, books);
  assert.is.not(died.code, 0);
  const left = JSON.parse(died.out) as { folder: string; trade: string; day: TokenIntentId };
  using ledger = openLocalLedger({ file: join(left.folder, 'ledger.db') });
  const { fetch } = ledger;
  const [urls, keyDir] = [['http://embedded.invalid'], join(left.folder, 'keys')];
  const chain = await openTokenChain({ cluster: 'embedded', urls, keyDir, fetch });
  valueIn(await chain.prepare());
  using hub = given({ file: books, settled: true });
  const waiting = hub.books.deeds.due(epochMs(Number.MAX_SAFE_INTEGER), 10);
  assert.ok(waiting.some(({ subject }) => subject === left.day));
  for (let look = 0; look < 100 && hub.books.receipts.find(left.day)?.state !== 'done'; look++) {
    await noteReceipts({ ...hub, chain }, left.day);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const file = valueIn(receiptFileOf(hub.books, left.trade));
  const verdict = await judgeReceipt(file, { urls, callDeadlineMs: 2_000, fetch });
  assert.equal([verdict.good.length, verdict.unchecked, verdict.wrong], [3, [], []]);
  assert.is(hub.books.receipts.attempts(left.day), 1, 'the bytes that were on the disk');
  rmSync(left.folder, { recursive: true, force: true });
});

receipts('an attempt that died is signed anew; one that had landed is found', async () => {
  using scene = await aHubWithReceipts();
  const trade = await aTradeOnTheChain(scene);
  const day = closeTheDay(scene) as TokenIntentId;
  const { hub, local } = scene;
  const { memo } = valueIn(receiptFileOf(hub.books, trade)).chain;
  const dead = valueIn(await local.chain.signNote({ intent: day, text: memo }));
  hub.books.receipts.saveAttempt(day, dead);
  local.clock.passSlots(400);
  await note(scene, day, 4);
  assert.is(hub.books.receipts.find(day)?.state, 'done');
  assert.is(hub.books.receipts.attempts(day), 2);
  assert.equal((await memosIn(scene)).length, 1);
  // A second signature of the same day bounces off the marker.
  const again = valueIn(await local.chain.signNote({ intent: day, text: memo }));
  await local.chain.send(again);
  local.clock.passSlots(3);
  assert.equal((await memosIn(scene)).length, 1);
  // The negative control: with a marker of its own it would stand there twice.
  const naive = { intent: hub.ids.fresh() as TokenIntentId, text: memo };
  await local.chain.send(valueIn(await local.chain.signNote(naive)));
  local.clock.passSlots(3);
  assert.equal((await memosIn(scene)).length, 2);
});

receipts('nothing but a root is ever noted', async () => {
  using scene = await aHubWithReceipts();
  for (const text of ['pay 254712345678', 'jirani:receipts:1:2026-06-15:1:SFF6XYZ123']) {
    const refused = await scene.local.chain
      .signNote({ intent: 'x' as TokenIntentId, text })
      .catch((error: unknown) => String(error));
    assert.match(String(refused), 'nothing but roots');
  }
});

receipts('the rent of a day’s marker comes home like that of any move', async () => {
  using scene = await aHubWithReceipts();
  await aTradeOnTheChain(scene);
  const day = closeTheDay(scene) as TokenIntentId;
  await note(scene, day);
  const { tokens } = scene.hub.books;
  const listed = () => tokens.rents(10).some(({ intent }) => intent === day);
  assert.ok(listed());
  tokens.rentReclaimed([day], nine);
  assert.not(listed());
});

const cli = fileURLToPath(new URL('../../gateway/cli.ts', import.meta.url));
const hubCommand = (env: Record<string, string>, ...args: string[]) => run(env, cli, ...args);
const run = (env: Record<string, string>, ...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 60_000 };
    execFile(process.execPath, args, options, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 137), out, err }),
    );
  });

receipts(
  '`receipt show` writes a file that `receipt verify` checks without the books',
  async () => {
    using folder = aFolder();
    using scene = await aHubWithReceipts(join(folder.path, 'books.db'));
    const trade = await aTradeOnTheChain(scene);
    await note(scene, closeTheDay(scene) ?? '');
    const file = join(folder.path, 'receipt.json');
    const shown = await hubCommand(
      { HUB_DATA_DIR: folder.path },
      'receipt',
      'show',
      trade,
      '--out',
      file,
    );
    assert.is(shown.code, 0, shown.err);
    assert.match(shown.out, /1000 Wh for KES 15\.00/);

    const ledger = join(folder.path, 'ledger.db');
    cpSync(join(scene.local.folder, 'ledger.db'), ledger);
    const wal = join(scene.local.folder, 'ledger.db-wal');
    if (existsSync(wal)) cpSync(wal, `${ledger}-wal`);
    await using node = await serveLedger({ file: ledger, host: '127.0.0.1', port: 0 });
    const good = await hubCommand({}, 'receipt', 'verify', file, '--rpc', node.url);
    assert.is(good.code, 0, good.err);
    assert.match(good.out, 'This receipt is good.');
    const offline = await hubCommand({}, 'receipt', 'verify', file);
    assert.is(offline.code, 3);
    assert.match(offline.out, /NOT CHECKED .*the chain: give a node with --rpc URL/);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"energyWh": 1000', '"energyWh": 1001'));
    const changed = await hubCommand({}, 'receipt', 'verify', file, '--rpc', node.url);
    assert.is(changed.code, 1);
    assert.match(changed.out, 'do not lead to the root');
  },
);

receipts('a night without power only makes it later, and an empty day has no tree', () => {
  using hub = given();
  const scene = { hub, local: undefined as never, [Symbol.dispose]: () => {} };
  assert.is(closeTheDay(scene, 9), undefined);
  assert.is(hub.books.receipts.isClosed('2026-06-15'), false);
  assert.is(nextDayAt(1).inTime, true);
});

receipts.run();
