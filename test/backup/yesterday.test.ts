// uncounted: it starts whole programs, again and again
// timeout: 400s
/** Yesterday's backup is put back, and what happened since is found at M-Pesa and on the chain. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../commands/programs.ts';
import { kiosk, school, tailor } from '../support/neighbourhood.ts';
import { aHubWithYesterday, type HubWithYesterday } from './a-hub-with-yesterday.ts';

const restoring = suite('putting back the books of yesterday');

const schoolWallet = `SELECT balance FROM account WHERE id = 'wallet:${school}'`;
const openPayouts = "SELECT count(*) FROM payout WHERE state IN ('intent', 'unknown', 'pending')";
const donePayouts = "SELECT count(*) FROM payout WHERE state = 'done'";

/** Each sale mints what it moves, so a second transfer of the same sale would show. */
async function tokens(hub: HubWithYesterday): Promise<{ supplyWh: number; unlike: number }> {
  const { stdout, stderr } = await hub.types('chain', 'verify', '--json');
  assert.is(stderr, '');
  const said = JSON.parse(stdout) as { supplyWh: number; differences: readonly unknown[] };
  return { supplyWh: said.supplyWh, unlike: said.differences.length };
}

/** One trade is settled and its seller unpaid; of another the tokens have not moved yet. Then the backup is made. */
async function yesterday(hub: HubWithYesterday, backup: string): Promise<void> {
  assert.is((await hub.types('pay', 'reconcile')).code, 0);
  assert.is((await hub.types('pay', 'pause', '--reason', 'until the backup is made')).code, 0);
  await hub.sale(kiosk, 2.5, 'settled');
  await hub.chainGoes();
  await hub.sale(tailor, 1, 'paid', 'transferring');
  const made = await hub.types('backup', backup);
  assert.is(made.code, 0, made.stderr);
  assert.match(made.stdout, /4 households, 2 trades, every page sound, both ledgers balance/);
}

/** The seller is paid for both, and a third trade is bought, settled and paid out. */
async function today(hub: HubWithYesterday): Promise<void> {
  assert.is((await hub.types('pay', 'resume')).code, 0);
  await until('the first payout arrives', async () => hub.paidOut().length === 1);
  await hub.chainComes();
  await until('the second trade is closed', async () =>
    (await hub.trades()).every(({ state }) => state === 'closed'),
  );
  await hub.sale(school, 2, 'closed');
  assert.equal(hub.paidOut(), [3_000, 1_200, 2_400]);
  assert.equal(await tokens(hub), { supplyWh: 5_500, unlike: 0 });
}

async function restore(hub: HubWithYesterday, backup: string): Promise<void> {
  const tooEarly = await hub.types('restore', backup);
  assert.is(tooEarly.code, 1);
  assert.match(tooEarly.stderr, /another hub runs on this data folder/);
  await hub.stop();
  const restored = await hub.types('restore', backup);
  assert.is(restored.code, 0, restored.stderr);
  assert.match(restored.stdout, /4 households, 2 trades/);
  assert.match(restored.stdout, /M-Pesa is asked about 1 that may have gone/);
  const [aside = ''] = readdirSync(join(hub.folder, 'data')).filter((name) =>
    name.startsWith('replaced-'),
  );
  assert.ok(existsSync(join(hub.folder, 'data', aside, 'books.db')));
  await hub.start();
}

/** The money of the trade that the books do not know is its payer's; the payout and the tokens are recognised. */
async function findAll(hub: HubWithYesterday): Promise<void> {
  await until('the payment of today is found', async () => hub.count(schoolWallet) === 2_400);
  await until('M-Pesa has answered', async () => hub.count(openPayouts) === 0);
  assert.is(hub.count(donePayouts), 1);
  await until('the tokens are found', async () =>
    (await hub.trades()).every(({ state }) => ['settled', 'closed'].includes(state)),
  );
  const { supplyWh, unlike } = await tokens(hub);
  assert.is(supplyWh, 5_500);
  assert.ok(unlike > 0, 'the chain knows of a sale that the books do not');
}

restoring(
  'S83: with the hub’s own commands: today’s payments are found, and nobody is paid twice',
  async () => {
    await using hub = await aHubWithYesterday();
    const backup = join(hub.folder, 'yesterday.backup');
    await yesterday(hub, backup);
    await today(hub);
    await restore(hub, backup);
    await findAll(hub);

    const compared = await hub.types('pay', 'reconcile');
    assert.match(compared.stdout, /restored from a backup/);
    const refused = await hub.types('pay', 'resume');
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /not yet compared.*KES 36\.00 less than the books explain/s);
    const reason = ['--reason', 'the portal shows two payouts that the books do not have'];
    assert.is((await hub.types('pay', 'accept-balance', ...reason)).code, 0);
    await hub.types('pay', 'reconcile');
    const resumed = await hub.types('pay', 'resume');
    assert.is(resumed.code, 0, resumed.stderr);
    await until('the second payout is found', async () => hub.count(donePayouts) === 2);
    assert.equal(hub.paidOut(), [3_000, 1_200, 2_400]);
    assert.is((await tokens(hub)).supplyWh, 5_500);
    assert.not.match((await hub.types('pay', 'reviews')).stdout, /restored from a backup/);
  },
);

restoring.run();
