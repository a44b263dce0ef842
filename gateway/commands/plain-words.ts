/** What went wrong outside of us, in one sentence for the keeper instead of a library's code. */
import { usualPorts } from '../config.ts';
import { hubEnvironment } from './environment.ts';

type Trouble = Error & {
  readonly code?: string;
  readonly errcode?: number;
  readonly path?: string;
  readonly port?: number;
  readonly syscall?: string;
};

type Words = (trouble: Trouble) => string;

const notWritable: Words = ({ path }) =>
  `${path ?? 'The data folder'} cannot be written: give this user the right to it, or choose another folder.`;
const notFolder: Words = ({ path }) =>
  `${path ?? 'The data folder'} is no folder: choose another place for the data.`;

const diskFull: Words = () =>
  'The disk is full. Nothing is lost: make room, and the hub goes on where it was.';

const wordsFor: Readonly<Record<string, Words>> = {
  EADDRINUSE: ({ port }) => `${nameOf(port)} is taken: choose another one, 0 takes any.`,
  EACCES: (trouble) =>
    trouble.syscall === 'listen'
      ? `${nameOf(trouble.port)} is not for this user: choose one above 1023, 0 takes any.`
      : notWritable(trouble),
  EPERM: notWritable,
  EROFS: notWritable,
  ENOSPC: diskFull,
  SQLITE_FULL: diskFull,
  EEXIST: notFolder,
  ENOTDIR: notFolder,
  SQLITE_CANTOPEN: notWritable,
  SQLITE_READONLY: notWritable,
  SQLITE_NOTADB: () =>
    'A file in the data folder is no database: put it back from a backup, or choose another folder.',
};

/** The sentence for what was thrown; what has no words of ours keeps its own. */
export function plainWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  for (const trouble of [thrown, thrown.cause]) {
    if (!(trouble instanceof Error)) continue;
    const code = codeOf(trouble as Trouble);
    const words = Object.hasOwn(wordsFor, code) ? wordsFor[code] : undefined;
    if (words !== undefined) return words(trouble as Trouble);
  }
  return thrown.message;
}

/** Node's own SQLite has one code for all of its errors, and SQLite's beside it: sqlite.org/rescode.html. */
const sqliteCodes: Readonly<Record<number, string>> = {
  8: 'SQLITE_READONLY',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
};

const codeOf = ({ code = '', errcode = 0 }: Trouble): string =>
  code === 'ERR_SQLITE_ERROR' ? (sqliteCodes[errcode % 256] ?? code) : code;

/** The variable that holds this port, so that the keeper knows which one to change. */
function nameOf(port: number | undefined): string {
  const env = hubEnvironment();
  const name = Object.entries(usualPorts).find(
    ([each, usual]) => Number(env[each] || usual) === port,
  );
  return `${name?.[0] ?? 'Port'} ${port ?? ''}`.trim();
}
