// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja libsodium
// timeout: 300s
/** What a display shows after an outage is not as old as the backlog. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { builtVmeter, runVmeter } from '../../gateway/simulators/vmeter/program.ts';
import { freePort, until } from '../adapters/mosquitto/given.ts';
import { aSignedHub, aStreet, auditStreet, streetBegins } from './a-street.ts';

const outage = suite('7: after an outage');

outage(
  'the backlog comes in order, what is measured now in between, and the hub keeps all',
  async () => {
    const program = await builtVmeter();
    using street = aStreet(5);
    const port = await freePort();
    await using hubs = new AsyncDisposableStack();
    const first = hubs.use(await aSignedHub(street, port));
    await using vmeters = runVmeter(program, {
      ...{ port, meters: street.metersFile, acks: street.acksFile, from: streetBegins },
      ...{ mode: 'steady', 'every-ms': 40, sectors: 16, 'back-off-max-ms': 300, 'progress-ms': 20 },
    });
    await until('they talk', () => vmeters.progress().delivered > 50);
    await first[Symbol.asyncDispose]();
    await until('a backlog', () => vmeters.progress().waiting > 5 * 80);
    const hub = hubs.use(await aSignedHub(street, port));
    await until('the backlog is gone', () => vmeters.progress().waiting < 20);
    await sleep(200);
    const summary = await vmeters.finish();
    const { counts } = (await hub.ask('counts')) as { counts: { quarantined: object } };
    assert.equal(counts.quarantined, {});
    const { acknowledged, stored, ...rest } = auditStreet(street, summary);
    assert.equal(rest, { missing: 0, twice: 0, gaps: 0, wrongEnergy: [] });
    assert.is(stored, acknowledged);
    for (const { id } of street.meters) assertTurns(numbersOf(street.acksFile, id), id);
  },
);

const numbersOf = (acksFile: string, meter: string): number[] =>
  readFileSync(acksFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${meter} `))
    .map((line) => Number(line.split(' ')[1]));

/** Once the first number is ahead, there are two rows: what waited, and what is measured; each is in order. */
function assertTurns(numbers: readonly number[], meter: string): void {
  const turnsAt = numbers.findIndex((s, at) => at > 0 && s > (numbers[at - 1] ?? 0) + 1);
  assert.ok(turnsAt > 0, `${meter}: nothing went ahead of the backlog`);
  const firstAhead = numbers[turnsAt] ?? 0;
  const waited = numbers.filter((s) => s < firstAhead);
  const measured = numbers.filter((s) => s >= firstAhead);
  for (const row of [waited, measured])
    assert.equal(
      row,
      row.map((_, at) => (row[0] ?? 0) + at),
      meter,
    );
}

outage.run();
