/**
 * A stock flow: mqtt-in, a function, the SQLite node. Node-RED and that node are no packages of ours: they are
 * installed into a folder of their own when they are asked for, and absent when that does not work.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { compare, rateOf } from '../audit.ts';
import { cpuSecondsOf, memoryMbOf, startProgram } from '../children.ts';
import type { Competitor, Round } from '../competitors.ts';
import { firstSequence, meterNumber, publishReadings, readAcks } from '../load.ts';
import { answers, freePort, startMosquitto } from './mosquitto.ts';

const packages = ['node-red@5.0.7', 'node-red-node-sqlite@1.1.1'];
const home = new URL('../../node_modules/.cache/peers/node-red/', import.meta.url).pathname;
const program = join(home, 'node_modules/node-red/red.js');
/** What it stores in about three seconds. */
const readings = 2000;
const installTimeoutMs = 300_000;
/** No row for so long means that none will come. */
const quietMs = 4000;

/** One INSERT for each message, in a transaction of its own, as the node does it. */
const flow = (brokerPort: number, file: string) => [
  { id: 'tab', type: 'tab', label: 'readings' },
  {
    ...{ id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: brokerPort },
    ...{ clientid: 'node-red', protocolVersion: '4', keepalive: '60', cleansession: true },
  },
  {
    ...{ id: 'in', type: 'mqtt in', z: 'tab', topic: 'jirani/v1/meters/+/reading', qos: '1' },
    ...{ datatype: 'auto-detect', broker: 'broker', wires: [['sql']] },
  },
  {
    ...{ id: 'sql', type: 'function', z: 'tab', outputs: 1, wires: [['store']] },
    func: `const r = msg.payload;
msg.params = { $meter: msg.topic.split('/')[3], $s: r.s, $t: r.t, $ei: r.ei, $ee: r.ee, $body: JSON.stringify(r) };
return msg;`,
  },
  {
    ...{ id: 'store', type: 'sqlite', z: 'tab', mydb: 'db', sqlquery: 'prepared', wires: [[]] },
    sql: 'INSERT INTO reading VALUES ($meter, $s, $t, $ei, $ee, $body)',
  },
  { id: 'db', type: 'sqlitedb', db: file, mode: 'RWC' },
];

const settings = (port: number): string => `module.exports = {
  uiPort: ${port}, uiHost: '127.0.0.1', flowFile: 'flows.json', credentialSecret: false,
  telemetry: { enabled: false }, logging: { console: { level: 'warn' } },
};
`;

function install(): void {
  if (existsSync(program)) return;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
  const words = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--loglevel=error',
    ...packages,
  ];
  const told = { cwd: home, timeout: installTimeoutMs, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('npm', words, told);
  if (status !== 0) throw new Error(`Node-RED cannot be installed: ${stderr?.slice(-300)}`);
}

export const nodeRed: Competitor = {
  name: 'Mosquitto (best), Node-RED, SQLite node',
  puback: 'may not be stored yet',
  play: async ({ folder, meters, window }): Promise<Round> => {
    install();
    await using mosquitto = await startMosquitto(folder, 'best');
    const file = join(folder, 'rows.db');
    using db = new DatabaseSync(file);
    db.exec(
      'CREATE TABLE reading (meter TEXT, s INTEGER, t INTEGER, ei INTEGER, ee INTEGER, body TEXT)',
    );
    const uiPort = await freePort();
    writeFileSync(join(folder, 'settings.js'), settings(uiPort));
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow(mosquitto.port, file)));
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const words = [program, '--userDir', folder, '--settings', join(folder, 'settings.js')];
    const env = { NODE_PATH: join(home, 'node_modules') };
    await using red = await startProgram(
      process.execPath,
      words,
      () => answers(uiPort),
      env,
      folder,
    );
    await untilItListens(db, mosquitto.port);
    const pids = [mosquitto.pid, red.pid];
    const before = cpuSecondsOf(pids);
    const acksFile = join(folder, 'acks');
    const each = Math.max(1, Math.round(readings / meters));
    const load = await publishReadings({ meters, window, port: mosquitto.port, each, acksFile });
    const lastRowAtMs = await untilQuiet(file);
    const audit = compare(readAcks(acksFile), rowsIn(db));
    const rate = rateOf(audit, audit.stored / ((lastRowAtMs - load.beganAtMs) / 1000));
    const figures = {
      ackedButMissing: audit.missing,
      cpuUsPerReading: ((cpuSecondsOf(pids) - before) / load.acked) * 1e6,
      rssMb: memoryMbOf(pids).most,
    };
    if ('refused' in rate) return { figures, ...rate };
    return { figures: { ...figures, rowsPerSecond: rate.perSecond } };
  },
};

const count = (db: DatabaseSync): number =>
  Number(db.prepare('SELECT count(*) AS n FROM reading').get()?.['n']);

/** Its flow starts some time after its page does. */
async function untilItListens(db: DatabaseSync, port: number): Promise<void> {
  for (let tries = 0; tries < 40 && count(db) === 0; tries++) {
    await publishReadings({ meters: 1, window: 1, port, each: 1 });
    await sleep(250);
  }
  if (count(db) === 0) throw new Error('the flow of Node-RED stores nothing');
  await sleep(quietMs);
  db.exec('DELETE FROM reading');
}

/** When the file was last written: a look into it would hold its lock while a row wants in. */
async function untilQuiet(file: string): Promise<number> {
  for (;;) {
    const { mtimeMs } = statSync(file);
    if (Date.now() - mtimeMs > quietMs) return mtimeMs;
    await sleep(100);
  }
}

function* rowsIn(db: DatabaseSync): Generator<[number, number]> {
  for (const { meter, s } of db.prepare('SELECT meter, s FROM reading').all())
    yield [meterNumber(String(meter)), Number(s ?? firstSequence)];
}
