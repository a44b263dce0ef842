/** Signing keys of meters with their history, and the commands that meters were told. */
import type { Database } from 'better-sqlite3';
import type { MeterId } from '../../core/ids.ts';
import type { CommandOrder, MeterCommand } from '../../core/meter-command.ts';
import { epochMs } from '../../core/units.ts';
import type { KeyMeeting, KeyOffer, MeterBooks } from '../../ports/books/meters.ts';
import { deedWriter } from './postings.ts';

/** The meters family of books.db. */
export const meterBooks = (db: Database): MeterBooks => ({ ...keyBooks(db), ...commandBooks(db) });

type KeyBooks = Pick<MeterBooks, 'meetKey' | 'trustKey' | 'keyOffers' | 'keysVersion' | 'revoked'>;

function keyBooks(db: Database): KeyBooks {
  const counting = db.prepare<[string], { public_key: string | null }>(
    'SELECT public_key FROM registration WHERE meter = ? AND until_ms IS NULL',
  );
  const pin = db.prepare(
    'UPDATE registration SET public_key = ? WHERE meter = ? AND until_ms IS NULL',
  );
  const offered = db.prepare<[string], { public_key: string }>(
    'SELECT public_key FROM meter_key_offer WHERE meter = ?',
  );
  const offer = db.prepare('INSERT OR REPLACE INTO meter_key_offer VALUES (?, ?, ?)');
  const withdraw = db.prepare('DELETE FROM meter_key_offer WHERE meter = ?');
  const note = db.prepare(
    'INSERT INTO meter_key_event (meter, public_key, event, at_ms) VALUES (?, ?, ?, ?)',
  );
  const offers = db.prepare<[], { meter: MeterId; counts: string; offered: string; since: number }>(
    `SELECT o.meter, r.public_key AS counts, o.public_key AS offered, o.since_ms AS since
     FROM meter_key_offer o JOIN registration r ON r.meter = o.meter AND r.until_ms IS NULL
     WHERE r.public_key IS NOT NULL ORDER BY o.meter`,
  );
  const version = db.prepare<[], { n: number }>(
    'SELECT coalesce(max(id), 0) AS n FROM meter_key_event',
  );
  const revoked = db.prepare<[], { meter: MeterId }>(
    `SELECT DISTINCT meter FROM registration
     WHERE meter NOT IN (SELECT meter FROM registration WHERE until_ms IS NULL) ORDER BY meter`,
  );

  const meet = db.transaction((meter: MeterId, key: string, at: number): KeyMeeting => {
    const known = counting.get(meter);
    if (known === undefined) return 'unknown';
    if (known.public_key === null) {
      pin.run(key, meter);
      note.run(meter, key, 'pinned', at);
      return 'pinned';
    }
    if (known.public_key === key) {
      if (withdraw.run(meter).changes > 0) note.run(meter, key, 'back', at);
      return 'known';
    }
    if (offered.get(meter)?.public_key !== key) {
      offer.run(meter, key, at);
      note.run(meter, key, 'offered', at);
    }
    return 'changed';
  });
  const trust = db.transaction((meter: MeterId, key: string, at: number): boolean => {
    if (offered.get(meter)?.public_key !== key) return false;
    if (pin.run(key, meter).changes === 0) return false;
    withdraw.run(meter);
    note.run(meter, key, 'trusted', at);
    return true;
  });
  return {
    meetKey: (meter, key, at) => meet.immediate(meter, key, at),
    trustKey: (meter, key, at) => trust.immediate(meter, key, at),
    keyOffers: () => offers.all().map((row): KeyOffer => ({ ...row, since: epochMs(row.since) })),
    keysVersion: () => version.get()?.n ?? 0,
    revoked: () => revoked.all().map(({ meter }) => meter),
  };
}

type CommandRow = {
  id: string;
  meter: MeterId;
  name: string;
  args: string;
  made_ms: number;
  expires_ms: number;
  told_ms: number | null;
  tellings: number;
  outcome: string | null;
};

/** Our own words: they were checked at the door. */
const toCommand = (row: CommandRow): MeterCommand => ({
  ...({ name: row.name, args: JSON.parse(row.args) } as CommandOrder),
  ...{ id: row.id, meter: row.meter, tellings: row.tellings },
  ...{ madeAt: epochMs(row.made_ms), expiresAt: epochMs(row.expires_ms) },
  toldAt: row.told_ms === null ? undefined : epochMs(row.told_ms),
  outcome: row.outcome ?? undefined,
});

function commandBooks(db: Database): Omit<MeterBooks, keyof KeyBooks> {
  const deeds = deedWriter(db);
  const insert = db.prepare(
    `INSERT INTO meter_command (id, meter, name, args, made_ms, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const find = db.prepare<[string], CommandRow>('SELECT * FROM meter_command WHERE id = ?');
  const newest = db.prepare<[string, number], CommandRow>(
    'SELECT * FROM meter_command WHERE meter = ? ORDER BY id DESC LIMIT ?',
  );
  const open = db.prepare<[string, number], CommandRow>(
    `SELECT * FROM meter_command
     WHERE meter = ? AND outcome IS NULL AND expires_ms > ? ORDER BY id`,
  );
  const told = db.prepare(
    'UPDATE meter_command SET told_ms = ?, tellings = tellings + 1 WHERE id = ?',
  );
  const answered = db.prepare(
    `UPDATE meter_command SET outcome = ?, ended_ms = ?
     WHERE id = ? AND meter = ? AND outcome IS NULL`,
  );
  const order = db.transaction((c: MeterCommand) => {
    insert.run(c.id, c.meter, c.name, JSON.stringify(c.args), c.madeAt, c.expiresAt);
    deeds.put('tell-command', c.id, c.madeAt);
  });
  const answer = db.transaction((id: string, meter: MeterId, outcome: string, at: number) => {
    const isFirst = answered.run(outcome, at, id, meter).changes === 1;
    if (isFirst) deeds.remove('tell-command', id);
    return isFirst;
  });
  return {
    orderCommand: (command) => order.immediate(command),
    command: (id) => {
      const row = find.get(id);
      return row && toCommand(row);
    },
    commandsOf: (meter, limit) => newest.all(meter, limit).map(toCommand),
    openCommands: (meter, now) => open.all(meter, now).map(toCommand),
    commandTold: (id, at) => void told.run(at, id),
    commandAnswered: (id, meter, outcome, at) => answer.immediate(id, meter, outcome, at),
    commandExpired: (id) => deeds.remove('tell-command', id),
  };
}
