import { execFile } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openChainReader } from '../../gateway/adapters/solana/read-chain.ts';
import { type ChainVerdict, verifyChain } from '../../gateway/commands/chain-verdict.ts';
import type { TokenIntentId } from '../../gateway/core/ids.ts';
import type { EnergyAccount } from '../../gateway/core/ledger.ts';
import { dayMs, hourMs, slotAt, startOfDay } from '../../gateway/core/slot.ts';
import { epochMs, slotNumber, wattHours } from '../../gateway/core/units.ts';
import { burnUsed } from '../../gateway/steps/burn-used.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import {
  aFolder,
  aLocalChain,
  aMove,
  type LocalChain,
  settle,
  valueIn,
} from '../adapters/solana/neighbours.ts';
import { aPaidTrade, type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine, school, tailor } from '../support/neighbourhood.ts';

type Scene = Disposable & {
  readonly local: LocalChain;
  readonly hub: GivenHub;
  look(): Promise<ChainVerdict>;
};

async function aHubOnAChain(file = ':memory:'): Promise<Scene> {
  const local = await aLocalChain();
  const belongings = { energy: { [corner]: 5_000 }, need: { [kiosk]: 1_500 } };
  const books = given({ file, ...belongings, wallets: { [kiosk]: 9_000 } });
  const hub = Object.assign(books, { chain: local.chain }) as unknown as GivenHub;
  const facts = valueIn(await local.chain.prepare());
  hub.books.tokens.noteChain(facts);
  for (const who of [corner, kiosk, tailor, school])
    hub.books.tokens.noteOwner(who, local.chain.addressOf(who), nine);
  const reader = await openChainReader({
    ...{ urls: ['http://embedded.invalid'], callDeadlineMs: 1_000, fetch: local.fetch, ...facts },
  });
  return {
    ...{ local, hub },
    look: async () => valueIn(await verifyChain(valueIn(reader), hub.books.tokenAudit)),
    [Symbol.dispose]: () => {
      hub[Symbol.dispose]();
      local[Symbol.dispose]();
    },
  };
}

async function work({ hub, local }: Scene, intent: TokenIntentId): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await settleTokens(hub, intent);
    local.clock.passSlots(2);
  }
}
const rowOf = ({ households }: ChainVerdict, id: string) =>
  households.find(({ household }) => household === id);

const verifying = suite('comparing the chain with the books');

verifying('agrees before, during and after a trade, the night’s burn included', async () => {
  using scene = await aHubOnAChain();
  const { hub, local, look } = scene;
  assert.equal((await look()).differences, [], 'nothing is on the chain yet');
  const { intent } = aPaidTrade(hub);
  assert.equal((await look()).differences, [], 'paid for, not sent');
  await settleTokens(hub, intent.id);
  assert.equal((await look()).differences, [], 'sent, not final');
  local.clock.passSlots(3);
  assert.equal((await look()).differences, [], 'final, and the books do not know yet');
  await work(scene, intent.id);
  const settled = await look();
  assert.equal(settled.differences, []);
  assert.equal(rowOf(settled, kiosk), {
    ...{ household: kiosk, onChainWh: 2_000, unmintedWh: 0, unburnedWh: 1_500, queuedWh: 0 },
    ...{ heldWh: 500, differenceWh: 0 },
  });
  assert.equal([rowOf(settled, corner)?.onChainWh, rowOf(settled, corner)?.unmintedWh], [0, 3_000]);
  assert.equal([settled.supplyWh, settled.heldWh, settled.movesSeen], [2_000, 2_000, 1]);

  const two = startOfDay(nine) + dayMs + 2 * hourMs;
  const slot = slotNumber(slotAt(epochMs(two)) - 1);
  burnUsed(hub, { name: 'slot.closed', inTime: true, slot });
  assert.equal((await look()).differences, [], 'to be burned');
  const [burn] = hub.books.deeds.due(epochMs(two), 10).map(({ subject }) => subject);
  await work(scene, burn as TokenIntentId);
  const burned = await look();
  assert.equal([burned.differences, burned.supplyWh], [[], 500]);
  assert.is(rowOf(burned, kiosk)?.unburnedWh, 0);
});

verifying('counts a gift that is owed with the one who gets it', async () => {
  using scene = await aHubOnAChain();
  const { hub, look } = scene;
  const gift = {
    ...{ id: hub.ids.fresh() as TokenIntentId, kind: 'transfer' as const, trade: undefined },
    ...{ reference: 'keep:1', from: corner, to: school, energyWh: wattHours(200), memo: 'gift' },
    ...{ mintWh: wattHours(200), state: 'open' as const, signature: undefined },
  };
  const slot = hub.books.energy.nextSlot() ?? slotNumber(0);
  hub.books.energy.closeSlot({
    ...{ slot, at: nine, energies: [], counted: new Map(), intents: [gift], roundDue: false },
    postings: [
      {
        ...{ key: 'gift', unit: 'Wh', from: `energy:${corner}`, to: `bought:${school}` },
        amount: wattHours(200),
      },
    ],
  });
  const owed = await look();
  assert.equal([owed.differences, rowOf(owed, school)?.queuedWh], [[], 200]);
  await work(scene, gift.id);
  const given = await look();
  assert.equal([given.differences, rowOf(given, school)?.onChainWh], [[], 200]);
});

verifying(
  'agrees while a burn of several households has landed and the books do not know',
  async () => {
    using scene = await aHubOnAChain();
    const { hub, local, look } = scene;
    const slot = hub.books.energy.nextSlot() ?? slotNumber(0);
    const gifts = [kiosk, school].map((to) => ({
      ...{ id: hub.ids.fresh() as TokenIntentId, kind: 'transfer' as const, trade: undefined, to },
      ...{ reference: `gift:${to}`, from: corner, energyWh: wattHours(200), memo: `gift-${to}` },
      ...{ mintWh: wattHours(200), state: 'open' as const, signature: undefined },
    }));
    const wh = (from: EnergyAccount, to: EnergyAccount) => ({
      ...{ key: `${from} to ${to}`, unit: 'Wh' as const, from, to, amount: wattHours(200) },
    });
    hub.books.energy.closeSlot({
      ...{ slot, at: nine, energies: [], counted: new Map(), intents: gifts, roundDue: false },
      postings: [kiosk, school].flatMap((who) => [
        ...[wh(`energy:${corner}`, `bought:${who}`), wh(`bought:${who}`, `used:${who}`)],
      ]),
    });
    for (const { id } of gifts) await work(scene, id);
    const two = startOfDay(nine) + dayMs + 2 * hourMs;
    burnUsed(hub, {
      ...{ name: 'slot.closed', inTime: true, slot: slotNumber(slotAt(epochMs(two)) - 1) },
    });
    const [burn] = hub.books.deeds.due(epochMs(two), 10).map(({ subject }) => subject);
    // The owners' consent goes ahead, then the burn itself.
    for (let turn = 0; turn < 2; turn++) await settleTokens(hub, burn as TokenIntentId);
    local.clock.passSlots(3);
    const landed = await look();
    assert.equal([landed.supplyWh, landed.differences], [0, []]);
  },
);

verifying('names tokens that nobody metered, and those that left the neighbourhood', async () => {
  using scene = await aHubOnAChain();
  const { local, look } = scene;
  await settle(local.chain, aMove(1, { mintWh: 70, energyWh: 70, from: corner, to: kiosk }));
  local.clock.passSlots(3);
  assert.equal((await look()).differences, [
    { what: `held by ${kiosk}`, expectedWh: 0, foundWh: 70 },
  ]);
  await settle(local.chain, aMove(2, { energyWh: 30, from: kiosk, to: 'a-stranger' as never }));
  local.clock.passSlots(3);
  assert.equal((await look()).differences, [
    { what: `held by ${kiosk}`, expectedWh: 0, foundWh: 40 },
    { what: 'in wallets of others than our households', expectedWh: 0, foundWh: 30 },
  ]);
});

const cli = fileURLToPath(new URL('../../gateway/cli.ts', import.meta.url));
const run = (dataDir: string, ...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { PATH: process.env['PATH'], HUB_DATA_DIR: dataDir };
    execFile(process.execPath, [cli, ...args], { env, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });

verifying(
  '`chain verify` ends with 0 when all agrees and with 1 when anything does not',
  async () => {
    using folder = aFolder();
    const { path } = folder;
    const ledgerOf = ({ local }: Scene) => {
      for (const end of ['', '-wal', '-shm'])
        if (existsSync(join(local.folder, `ledger.db${end}`)))
          cpSync(join(local.folder, `ledger.db${end}`), join(path, `ledger.db${end}`));
    };
    using scene = await aHubOnAChain(join(path, 'books.db'));
    await work(scene, aPaidTrade(scene.hub).intent.id);
    ledgerOf(scene);
    const good = await run(path, 'chain', 'verify', '--json');
    assert.is(good.code, 0, good.err);
    const { differences, supplyWh, cluster } = JSON.parse(good.out) as Record<string, unknown>;
    assert.equal([differences, supplyWh, cluster], [[], 2_000, 'embedded']);

    const { chain, clock } = scene.local;
    await settle(chain, aMove(1, { mintWh: 70, energyWh: 70, from: corner, to: kiosk }));
    clock.passSlots(3);
    ledgerOf(scene);
    const bad = await run(path, 'chain', 'verify');
    assert.is(bad.code, 1, bad.err);
    assert.match(bad.out, /DIFFERENT: held by kiosk: 500 Wh in the books, 570 Wh found/);
  },
);

verifying.run();
