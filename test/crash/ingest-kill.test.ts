// uncounted: it starts whole programs, again and again
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { audit, wrongIn } from './audit.ts';
import { HubNursery } from './hub-life.ts';
import { killRounds } from './kill-rounds.ts';
import { Neighbourhood } from './neighbourhood.ts';
import { aFastClock } from './neighbourhood-time.ts';

const killing = suite('killing the hub while readings arrive');

const rounds = process.env['JIRANI_TEST_SEEDS'] === 'reduced' ? 10 : 30;
const say = () => {};

killing('keeps what it acknowledged, once, and nothing else', async () => {
  const { last, complaints } = await killRounds({ rounds, seed: 11, auditEvery: 4, say });
  assert.equal(complaints, []);
  assert.is(last.missing, 0);
  assert.ok(last.acknowledged > rounds * 40, `only ${last.acknowledged} were acknowledged`);
});

killing('a hub that acknowledges before the commit is found out', async () => {
  const { last } = await killRounds({ rounds: 3, seed: 12, mutant: 'thanks-too-early', say });
  assert.ok(last.missing > 0);
});

/** Room for the tables and a few thousand readings. */
const smallFileBytes = 400_000;

killing('a full file refuses, and takes what was refused once there is room', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jirani-full-'));
  try {
    using nursery = new HubNursery();
    const clock = aFastClock();
    const neighbours = new Neighbourhood(20, 13, clock);
    const orders = { file: join(folder, 'readings.db'), commitMs: 1, clock };
    const full = await nursery.start({ ...orders, fileBytesMax: smallFileBytes });
    neighbours.comeBack(full.port, 12);
    while (full.refusals() === 0) await sleep(10);
    const acknowledged = neighbours.acknowledged();
    await sleep(100);
    assert.is(neighbours.acknowledged(), acknowledged, 'thanked for what it refused');
    await full.kill();
    await neighbours.gone();
    assert.equal(wrongIn(audit(orders.file, neighbours.books)), []);

    const roomy = await nursery.start(orders);
    neighbours.comeBack(roomy.port, 12);
    while (neighbours.acknowledged() < acknowledged / 2) await sleep(10);
    await roomy.kill();
    await neighbours.gone();
    assert.equal(wrongIn(audit(orders.file, neighbours.books)), []);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

killing.run();
