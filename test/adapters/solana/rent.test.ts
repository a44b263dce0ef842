import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markerFor } from '../../../gateway/adapters/solana/instructions.ts';
import { openKeyring } from '../../../gateway/adapters/solana/keys.ts';
import type { HouseholdId } from '../../../gateway/core/ids.ts';
import { wattHours } from '../../../gateway/core/units.ts';
import {
  aLocalChain,
  aMove,
  heldBy,
  kiosk,
  type LocalChain,
  settle,
  valueIn,
} from './neighbours.ts';

const rents = suite("bringing home the markers' rent");

async function rentAt(local: LocalChain, n: number): Promise<number> {
  const keys = openKeyring(join(local.folder, 'keys'));
  const { address } = await markerFor(keys.hub.publicKey, keys.markerSecret, aMove(n).intent);
  return (await local.call('getBalance', address.toBase58())).result.value as number;
}
const purse = async (local: LocalChain): Promise<number> => {
  const { hub } = openKeyring(join(local.folder, 'keys'));
  return (await local.call('getBalance', hub.publicKey.toBase58())).result.value as number;
};

rents('19: only after finality, for one fee, and once', async () => {
  using local = await aLocalChain();
  const { chain, clock } = local;
  for (let n = 1; n <= 3; n++) await settle(chain, aMove(n, { mintWh: 100 }));
  const intents = [1, 2, 3].map((n) => aMove(n).intent);
  const height = valueIn(await chain.finalizedHeight());
  assert.equal(await chain.reclaimRent(intents, height + 150), { ok: false, error: 'unreachable' });
  assert.ok((await rentAt(local, 1)) > 0, 'an attempt may still land');

  clock.passSlots(300);
  const [rent, before] = [await rentAt(local, 1), await purse(local)];
  assert.equal(valueIn(await chain.reclaimRent(intents, height + 150)), [], 'not home yet');
  clock.passSlots(2);
  assert.equal(valueIn(await chain.reclaimRent(intents, height + 150)), intents);
  assert.is(await rentAt(local, 2), 0);
  assert.is(await purse(local), before + 3 * rent - 5_000);
  const move = aMove(1, { mintWh: 100 });
  assert.ok(
    valueIn(await chain.winnerOf(move))?.final,
    'the winner is still the move, not the return',
  );
});

rents('a burn of many owners asks for their consent first, then burns all at once', async () => {
  using local = await aLocalChain();
  const { chain, clock } = local;
  const homes = Array.from({ length: 12 }, (_, index) => `home-${index}` as HouseholdId);
  for (const [n, to] of homes.entries()) await settle(chain, aMove(n + 1, { mintWh: 100, to }));
  const [first, ...others] = homes as [HouseholdId];
  const shares = others.map((household, index) => ({ household, energyWh: wattHours(index + 1) }));
  const move = { ...aMove(50, { from: first, to: undefined, energyWh: 60 }), shares };
  assert.equal(await chain.sign(move), { ok: false, error: 'unreachable' });
  clock.passSlots(1);
  await chain.send(valueIn(await chain.sign(move)));
  assert.is(await heldBy(chain, ...homes), 1_200 - 60 - 66);
  assert.is(await heldBy(chain, first, kiosk), 40);
});

rents.run();
