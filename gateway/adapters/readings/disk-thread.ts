/**
 * Does nothing but wait for the disk: while it takes one commit, the writing thread works on the next. Every wait
 * covers all that was committed before it began.
 */
import { closeSync, fdatasyncSync, openSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import {
  committedUpTo,
  type DiskBoard,
  isClosing,
  isFailing,
  sayFailing,
  sleepAt,
} from './disk-board.ts';
import { diskProblemOf } from './disk-problem.ts';
import type { FromDisk } from './messages.ts';
import type { Durability } from './open-database.ts';

/** A change of the board between the look and the sleep is noticed after this at the latest. */
const sleepMostMs = 50;

const port = parentPort;
if (port === null) throw new Error('who waits for the disk runs as a worker thread');
const { file, board, durability } = workerData as {
  file: string;
  board: DiskBoard;
  durability: Durability;
};
const say = (message: FromDisk): void => port.postMessage(message);

const logFile = openSync(`${file}-wal`, 'r+');
/** The first batch may be committed before this thread has begun. */
let onDisk = 0;

function waitOnce(): void {
  const committed = committedUpTo(board);
  if (committed === onDisk || isFailing(board)) {
    sleepAt(board, committed, sleepMostMs);
    return;
  }
  try {
    if (durability === 'on-disk') fdatasyncSync(logFile);
  } catch (error) {
    const code = diskProblemOf(error);
    if (code === undefined) throw error;
    sayFailing(board, true);
    say({ kind: 'failed', code });
    return;
  }
  // A wait of the writing thread may have heard of a failure that ours did not.
  if (isFailing(board)) return;
  onDisk = committed;
  say({ kind: 'on-disk', number: onDisk });
}

say({ kind: 'on-disk', number: onDisk });
// Compiled modules are kept even when the power ends this; compiling them takes 20 MB.
flushCompileCache();
while (!isClosing(board)) waitOnce();
closeSync(logFile);
