/** Every reading in a file, sealed and fresh, for whoever audits it from outside of the hub: exports, crash tests, benchmarks. */
import { DatabaseSync } from 'node:sqlite';
import type { MeterId } from '../../core/ids.ts';
import type { Reading } from '../../core/reading.ts';
import { openBody, readingAt } from './chunk-format.ts';
import { columnCount, readingOf, unpackRow } from './hot-row.ts';

const chunksSql = `
  SELECT meter.name AS name, body, hash
  FROM seal CROSS JOIN chunk ON chunk.seal = seal.id JOIN meter ON meter.id = chunk.meter
  ORDER BY chunk.seal, chunk.meter`;
const freshSql = `
  SELECT ring.*, meter.name, life.boot, life.started_s FROM ring JOIN life ON life.id = ring.life JOIN meter ON meter.id = life.meter
  WHERE seal > (SELECT coalesce(max(id), 0) FROM seal) ORDER BY place`;

/** All as of one moment, whatever a running hub does meanwhile. Throws when the file or a chunk in it is damaged. */
export function* storedReadings(file: string): Generator<Reading> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    db.exec('BEGIN');
    for (const row of db.prepare(chunksSql).iterate()) {
      const { name, body, hash } = row as unknown as {
        name: MeterId;
        body: Uint8Array;
        hash: Uint8Array;
      };
      for (const values of openBody({ body, hash })) yield readingAt(values, 0, name);
    }
    const fresh = db.prepare(freshSql);
    fresh.setReturnArrays(true);
    for (const row of fresh.iterate()) {
      const values = row as unknown as (number | string)[];
      const [name, boot, startedS] = values.slice(columnCount) as [MeterId, number, number];
      const life = { id: 0, meter: 0, boot, startedS };
      yield readingOf(name, boot, unpackRow(values as number[], life));
    }
  } finally {
    db.close();
  }
}
