import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readConfig } from '../gateway/config.ts';
import { wattHours } from '../gateway/core/units.ts';
import { openFlows, startFlows } from '../gateway/open-flows.ts';
import type { AskedProposal } from '../gateway/ports/gates.ts';
import { given } from './support/given.ts';
import { corner } from './support/neighbourhood.ts';

const flowing = suite('opening the flows');

function aHub(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-open-flows-'));
  const config = readConfig({ HUB_DATA_DIR: folder, ...env });
  if (!config.ok) throw new Error(config.error.join());
  const hub = given();
  hub.books.gates.register(
    [{ name: 'clinic', scope: undefined, onSilence: 'hold' }],
    hub.clock.now(),
  );
  const needs = { config: config.value, books: hub.books, clock: hub.clock, log: hub.log };
  const flows = openFlows({ ...needs, broker: () => hub.announcer });
  return {
    ...{ hub, flows, config: config.value },
    has: (name: string) => existsSync(join(folder, name)),
    [Symbol.dispose]: () => {
      flows[Symbol.dispose]();
      hub[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const asked = {
  ...{ proposal: 'p', household: corner, slot: 1, rate: 1_500 },
  ...{ energyWh: wattHours(1_000), lotWh: wattHours(1_000) },
} as unknown as AskedProposal;

const places = ({ hub, config }: ReturnType<typeof aHub>) => ({
  ...{ needs: hub, config, broker: { port: 1883 } },
  doors: {
    httpPort: 5000,
    board: () => {
      throw new Error('not looked at');
    },
    status: () => ({ integrations: {} }),
  },
});

/** Timers, processes and listeners; the pipes of the test itself come and go. */
const busy = (): number =>
  process.getActiveResourcesInfo().filter((name) => /Timeout|Process|TCP/.test(name)).length;

flowing(
  'NODE_RED=off costs nothing: no password, no listener, no process, no gate that is asked',
  async () => {
    using off = aHub({ NODE_RED: 'off' });
    assert.is(off.flows.hear, undefined);
    assert.is(off.flows.keys, undefined);
    assert.equal(await off.flows.gates.decide(asked), []);
    const before = busy();
    await using _started = await startFlows(off.flows, places(off));
    assert.is(busy(), before);
    assert.not.ok(off.has('flows-password') || off.has('flows'));
    assert.equal(off.flows.view(), { mode: 'off', state: 'ok', detail: '' });
  },
);

flowing('says that registered gates are not asked any more', () => {
  using off = aHub({ NODE_RED: 'off' });
  assert.match(off.hub.warnings.join(), 'clinic');
});

flowing('a unit of its own gets its access in a file, and is known by its heartbeat', async () => {
  using unit = aHub({ NODE_RED: 'on', NODE_RED_UNIT: 'on' });
  await using _started = await startFlows(unit.flows, places(unit));
  assert.ok(unit.has('flows-access.json'));
  assert.is(unit.flows.nodeRed, undefined);
  assert.equal(unit.flows.view(), { mode: 'on', state: 'ok', detail: 'gates: clinic' });
  unit.hub.clock.advance(15_001);
  assert.equal(unit.flows.view(), { mode: 'on', state: 'away', detail: 'no sign of life' });
});

flowing.run();
