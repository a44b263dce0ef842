/** Tells a disk that says no from a mistake of ours. */

/** SQLite's primary result codes after which the same transaction may succeed later; sqlite.org/rescode.html. */
const passing = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
]);
/** What fdatasync answers when the disk fails; errno(3). */
const failing = new Set(['EIO', 'ENOSPC', 'EDQUOT', 'EROFS']);

/** SQLITE_CORRUPT: a page that the card has damaged must not keep readings from being taken. */
const corrupt = 11;

type Told = { readonly code?: unknown; readonly errcode?: unknown };

/** As `diskProblemOf`, and for a damaged file too: for work that can wait. */
export function mendableProblemOf(error: unknown): string | undefined {
  const isCorrupt = error instanceof Error && Number((error as Told).errcode) % 256 === corrupt;
  return isCorrupt ? 'SQLITE_CORRUPT' : diskProblemOf(error);
}

/** The code when the disk, or another user of the file, is in the way; undefined for any other error. */
export function diskProblemOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode } = error as Told;
  if (code === 'ERR_SQLITE_ERROR') return passing.get(Number(errcode) % 256);
  return typeof code === 'string' && failing.has(code) ? code : undefined;
}
