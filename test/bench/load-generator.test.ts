// needs: gcc
/** The load generator beside brokers that only listen to it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compare } from '../../bench/audit.ts';
import { startNode } from '../../bench/children.ts';
import { storedIn } from '../../bench/competitors.ts';
import { firstSequence, publishReadings, readAcks } from '../../bench/load.ts';

const generator = suite('the load generator');

function ownFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'jirani-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

const peer = (name: string): URL => new URL(`../../bench/${name}.ts`, import.meta.url);

generator('hears one PUBACK for every reading, and lists them all', async () => {
  using folder = ownFolder();
  const acksFile = join(folder.path, 'acks');
  await using broker = await startNode(peer('peers/node-accepts'));
  const port = Number(broker.ready['port']);
  const result = await publishReadings({ meters: 7, window: 3, port, each: 11, acksFile });
  assert.is(result.sent, 77);
  assert.is(result.acked, 77);
  assert.ok(result.drained);
  const everything = Array.from({ length: 77 }, (_, k): [number, number] => [
    k % 7,
    firstSequence + Math.floor(k / 7),
  ]);
  const audit = compare(readAcks(acksFile), everything);
  assert.equal(audit, { acked: 77, stored: 77, missing: 0, surplus: 0 });
});

generator('publishes readings that the hub keeps, every one', async () => {
  using folder = ownFolder();
  const acksFile = join(folder.path, 'acks');
  const file = join(folder.path, 'readings.db');
  await using hub = await startNode(peer('hub-target'), { words: [file, '0'] });
  const port = Number(hub.ready['port']);
  await publishReadings({ meters: 4, window: 5, port, each: 2000, acksFile });
  const { counts } = await hub.ask('finish');
  const { quarantined, duplicates } = counts as { quarantined: object; duplicates: number };
  assert.equal({ quarantined, duplicates }, { quarantined: {}, duplicates: 0 });
  const audit = compare(readAcks(acksFile), storedIn(file));
  assert.equal(audit, { acked: 8000, stored: 8000, missing: 0, surplus: 0 });
});

generator(
  'counts the wait for a late PUBACK from the moment at which the reading was due',
  async () => {
    await using slow = await aBrokerThatWaits(200);
    // Ten readings a second, one in flight: after 200 ms of silence the next is 100 ms late already.
    const result = await publishReadings({
      ...{ meters: 1, window: 1, port: slow.port, rate: 10, each: 5 },
    });
    assert.is(result.acked, 5);
    assert.ok((result.mostUs ?? 0) >= 400_000, `${result.mostUs} us`);
  },
);

generator('says so when a meter is refused', async () => {
  await using stern = await aBroker((socket) => socket.write(Buffer.from([0x20, 2, 0, 5])));
  let said = '';
  try {
    await publishReadings({ meters: 1, window: 1, port: stern.port, each: 1 });
  } catch (problem) {
    said = String(problem);
  }
  assert.match(said, /a meter was refused/);
});

async function aBroker(hear: (socket: Socket, bytes: Buffer) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => hear(socket, bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers a reading after `ms`; hears one packet at a time, since one is in flight. */
const aBrokerThatWaits = (ms: number) =>
  aBroker((socket, bytes) => {
    if (bytes[0] === 0x10) {
      socket.write(Buffer.from([0x20, 2, 0, 0]));
      return;
    }
    const idAt = 3 + 2 + bytes.readUInt16BE(3);
    const puback = Buffer.from([0x40, 2, bytes[idAt] ?? 0, bytes[idAt + 1] ?? 0]);
    setTimeout(() => socket.write(puback), ms);
  });

generator('is what scripts/bench measures with; --json says one document', () => {
  const words = ['scripts/bench.ts', 'ingest', '--quick', '--json', '--only', 'signed'];
  const { stdout } = spawnSync(process.execPath, words, {
    ...{ cwd: new URL('../../', import.meta.url), encoding: 'utf8', timeout: 60_000 },
  });
  const { name, machine, quick, figures, bars } = JSON.parse(stdout);
  assert.is(name, 'ingest');
  assert.match(quick, /quick/);
  assert.is(machine.node, process.version);
  assert.ok(machine.diskFlushMs > 0);
  assert.ok(figures['signed readings per second'] > 0);
  assert.equal(Object.keys(bars[0]), ['name', 'value', 'unit', 'bar', 'ok']);
});

generator.run();
