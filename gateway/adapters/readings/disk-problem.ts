/** Tells a disk that says no from a mistake of ours. */
import { SqliteError } from 'better-sqlite3';

/** SQLite result codes after which the same transaction may succeed later; sqlite.org/rescode.html. */
const passing = /^SQLITE_(FULL|IOERR|BUSY|LOCKED|READONLY|CANTOPEN)(_|$)/;

/** The code when the disk, or another user of the file, is in the way; undefined for any other error. */
export function diskProblemOf(error: unknown): string | undefined {
  if (!(error instanceof SqliteError)) return undefined;
  return passing.test(error.code) ? error.code : undefined;
}
