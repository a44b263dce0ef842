/** Sessions of households and what they chose on their page. */
import type { Database } from 'better-sqlite3';
import { noChoice, type Tonight } from '../../core/choice.ts';
import type { HouseholdId } from '../../core/ids.ts';
import { epochMs, wattHours } from '../../core/units.ts';
import type { ChoiceBooks, SessionBooks } from '../../ports/books/sessions.ts';

type Whose = { household: HouseholdId };

/** The session family of books.db. */
export function sessionBooks(db: Database): SessionBooks {
  const pin = db.prepare<[string], { hash: string }>(
    'SELECT hash FROM household_pin WHERE household = ?',
  );
  const setPin = db.prepare('INSERT OR REPLACE INTO household_pin VALUES (?, ?, ?)');
  const endAll = db.prepare('DELETE FROM session WHERE household = ?');
  const forgetCodes = db.prepare('DELETE FROM sign_in_code WHERE expires_ms <= ?');
  const addCode = db.prepare('INSERT INTO sign_in_code VALUES (?, ?, ?)');
  const useCode = db.prepare<[string, number], Whose>(
    'DELETE FROM sign_in_code WHERE hash = ? AND expires_ms > ? RETURNING household',
  );
  const forgetSessions = db.prepare('DELETE FROM session WHERE expires_ms <= ?');
  const begin = db.prepare('INSERT INTO session VALUES (?, ?, ?, ?)');
  const endOldest = db.prepare(
    `DELETE FROM session WHERE household = $household AND hash NOT IN (
       SELECT hash FROM session WHERE household = $household
       ORDER BY started_ms DESC, hash LIMIT $most)`,
  );
  const of = db.prepare<[string, number], Whose>(
    'SELECT household FROM session WHERE hash = ? AND expires_ms > ?',
  );
  const end = db.prepare('DELETE FROM session WHERE hash = ?');
  return {
    pinOf: (household) => pin.get(household)?.hash,
    setPin: (household, hash, at) =>
      db
        .transaction(() => {
          setPin.run(household, hash, at);
          endAll.run(household);
        })
        .immediate(),
    addCode: (hash, household, expires, at) =>
      db
        .transaction(() => {
          forgetCodes.run(at);
          addCode.run(hash, household, expires);
        })
        .immediate(),
    useCode: (hash, at) => useCode.get(hash, at)?.household,
    begin: ({ hash, household, expires }, most, at) =>
      db
        .transaction(() => {
          forgetSessions.run(at);
          begin.run(hash, household, at, expires);
          endOldest.run({ household, most });
        })
        .immediate(),
    of: (hash, at) => of.get(hash, at)?.household,
    end: (hash) => void end.run(hash),
  };
}

type ChoiceRow = {
  reserve_wh: number;
  tonight: Tonight;
  tonight_until_ms: number;
  ask_first: number;
};

/** The choice family of books.db. */
export function choiceBooks(db: Database): ChoiceBooks {
  const at = db.prepare<[string, number], ChoiceRow>(
    `SELECT * FROM household_choice WHERE household = ? AND from_ms <= ?
     ORDER BY from_ms DESC LIMIT 1`,
  );
  const choose = db.prepare('INSERT OR REPLACE INTO household_choice VALUES (?, ?, ?, ?, ?, ?)');
  const speak = db.prepare('UPDATE household SET language = ? WHERE id = ?');
  return {
    at: (household, moment) => {
      const row = at.get(household, moment);
      if (row === undefined) return noChoice;
      return {
        reserveWh: wattHours(row.reserve_wh),
        tonight: row.tonight,
        tonightUntil: epochMs(row.tonight_until_ms),
        askFirst: row.ask_first === 1,
      };
    },
    choose: (household, { reserveWh, tonight, tonightUntil, askFirst }, from) =>
      void choose.run(household, from, reserveWh, tonight, tonightUntil, Number(askFirst)),
    speak: (household, language) => void speak.run(language, household),
  };
}
