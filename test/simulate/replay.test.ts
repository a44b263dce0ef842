/** What if: a hub's own recorded days again. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openRecorded } from '../../gateway/adapters/sqlite/recorded.ts';
import { dayMs, slotMs } from '../../gateway/core/slot.ts';
import { epochMs, slotNumber } from '../../gateway/core/units.ts';
import { simulatedHouses } from '../../gateway/simulation/houses.ts';
import { live } from '../../gateway/simulation/live.ts';
import { moveIn } from '../../gateway/simulation/move-in.ts';
import { simulatedPhones } from '../../gateway/simulation/phones.ts';
import { replay } from '../../gateway/simulation/replay.ts';
import { residentsOf } from '../../gateway/simulation/residents.ts';
import { nothingWrong, ruleNamed } from './a-neighbourhood.ts';

const replaying = suite('replaying a hub’s own days');

const fromMs = Date.parse('2026-03-02T00:00:00+03:00');
const first = slotNumber(fromMs / slotMs);
const days = 2;
const slots = (days * dayMs) / slotMs;
/** No disk need be waited for. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const never = { isAway: () => false, totalMs: 0, times: 0 };

/** A hub that has lived through two days, with people who pay when they are asked. */
async function aRecord(file: string) {
  const seed = 2;
  const residents = residentsOf({ seed, households: 14, panels: true, batteries: false });
  const prompt = residents.map((one) => ({ ...one, manner: 'prompt' as const }));
  const settings = { lotWh: 500, surplusThresholdWh: 500 };
  using books = moveIn({ file, residents, since: epochMs(fromMs), settings });
  await live({
    ...{ books, rule: undefined, first, slots, power: never },
    houses: simulatedHouses({ seed, residents, fromMs, power: never }),
    phonesFor: (now) => simulatedPhones({ seed, residents: prompt, internet: never, now }),
  });
  return books.kpis.trades(first, slotNumber(first + slots));
}

async function withRecord(
  look: (file: string, trades: Awaited<ReturnType<typeof aRecord>>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(memory, 'jirani-replay-'));
  try {
    const file = join(folder, 'books.db');
    await look(file, await aRecord(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const span = { from: first, to: slotNumber(first + slots) };

replaying('by its own rule brings its own trades again; by another, others', async () => {
  await withRecord(async (file, trades) => {
    using recorded = openRecorded(file);
    assert.equal(recorded.span(), { from: first - 1, to: first + slots });
    const again = await replay({ recorded, ...span, rule: ruleNamed('posted') });
    assert.ok(trades.length > 5);
    assert.equal(again.checks, nothingWrong);
    assert.equal(again.kpis, again.recorded);
    const other = await replay({ recorded, ...span, rule: ruleNamed('uniform') });
    assert.is(other.kpis.importedWh, again.kpis.importedWh);
    assert.is.not(other.kpis.savedByTradeCents, again.kpis.savedByTradeCents);
  });
});

replaying('needs books, and makes none', () => {
  assert.throws(() => openRecorded(join(memory, 'no-such-books.db')), /unable to open/);
});

replaying.run();
