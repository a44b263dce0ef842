/**
 * The usual way: a broker in front, mqtt.js behind it, rows into better-sqlite3. The meter has its PUBACK long
 * before its row is written. usage: mqtt-to-sqlite.ts autocommit|batched BROKER_PORT FILE
 */
import Database from 'better-sqlite3';
import mqtt from 'mqtt';
import { meterNumber } from '../load.ts';
import { serveBench } from './peer-process.ts';
import { RawTable } from './raw-table.ts';

const batchMs = 50;
/** No row for so long means that none will come. */
const quietMs = 400;
const [, , mode, port, file = ''] = process.argv;

const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
const table = new RawTable(file);
db.exec(table.createSql);
const insert = db.prepare(table.insertSql(1));
let rows = 0;
let lastRowAtMs = 0;
let waiting: (readonly number[])[] = [];
const insertAll = db.transaction((all: typeof waiting) => {
  for (const values of all) insert.run(values);
});

function flush(): void {
  if (waiting.length === 0) return;
  insertAll(waiting);
  waiting = [];
  lastRowAtMs = Date.now();
}

const client = await mqtt.connectAsync({ host: '127.0.0.1', port: Number(port), clientId: 'rows' });
client.on('message', (topic, payload) => {
  const told = JSON.parse(payload.toString()) as Record<string, number>;
  const { s = 0, t = 0, ei = 0, ee = 0, eg = 0, p = 0, u = 0, f = 0, i = 0 } = told;
  const values: number[] = [];
  rows += 1;
  table.put(
    values,
    0,
    {
      ...{ meter: meterNumber(topic.split('/')[3] ?? ''), sequence: s, unixSeconds: t },
      ...{ importMwh: ei, exportMwh: ee, generationMwh: eg, powerMw: p, voltageMv: u },
      ...{ frequencyMhz: f, currentMa: i },
    },
    rows,
  );
  if (mode === 'batched') {
    waiting.push(values);
    return;
  }
  insert.run(values);
  lastRowAtMs = Date.now();
});
await client.subscribeAsync('jirani/v1/meters/+/reading', { qos: 1 });
if (mode === 'batched') setInterval(flush, batchMs);

serveBench(
  {},
  {
    finish: async () => {
      for (let seen = -1; seen !== rows; ) {
        seen = rows;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
      }
      await client.endAsync(true);
      flush();
      db.close();
      return { lastRowAtMs };
    },
  },
);
