/** The thread that owns readings.db. A throw ends it: memory is never ahead of the disk. */
import { flushCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { BatchOutcome } from './batch-writer.ts';
import type { Batch, FromWriter, ToWriter, WriterOptions } from './messages.ts';
import { ReadingsFile } from './readings-file.ts';

/** How long the writer rests after the disk said no. */
const diskRetryMs = 1000;

const port = parentPort;
if (port === null) throw new Error('the writer of readings runs as a worker thread');
const file = new ReadingsFile(workerData as WriterOptions);
type Waiting = {
  readonly batch: Batch;
  /** Under way where a meter signs; then what it came to. */
  forged: Promise<Uint8Array> | Uint8Array | undefined;
};
type Turn = Extract<ToWriter, { kind: 'turn' }>;
/** In the order in which they came. Nothing behind the first is written before it. */
const queue: (Waiting | Turn)[] = [];
let retry: NodeJS.Timeout | undefined;
let isChecking = false;
let sealing: NodeJS.Immediate | undefined;

const say = (message: FromWriter, given: ArrayBuffer[] = []): void =>
  port.postMessage(message, given);

function take(batch: Batch): void {
  queue.push({ batch, forged: file.forgedIn(batch) });
  writeNext();
}

/** Does what waits, until the disk says no or a signature is still being checked. */
function writeNext(): void {
  let isDone = true;
  while (isDone && retry === undefined && !isChecking) {
    const [first] = queue;
    if (first === undefined) return;
    isDone = 'kind' in first ? turn(first) : writeFirst(first);
  }
}

/** False when it is not written yet. */
function writeFirst(first: Waiting): boolean {
  const { batch, forged } = first;
  if (forged instanceof Promise) {
    isChecking = true;
    void forged.then((checked) => {
      first.forged = checked;
      isChecking = false;
      writeNext();
    });
    return false;
  }
  const outcome = file.write(batch, forged);
  if ('refused' in outcome) {
    refused(outcome.refused, writeNext);
    return false;
  }
  queue.shift();
  sayCommitted(batch, outcome);
  return true;
}

/** Of the first of the queue; false when the disk said no. */
function turn({ time, isBelieved }: Turn): boolean {
  const outcome = file.turn(time, isBelieved);
  if ('refused' in outcome) {
    refused(outcome.refused, writeNext);
    return false;
  }
  queue.shift();
  const { moved } = outcome;
  say({ kind: 'turned', moved, latest: moved > 0 ? file.latest() : [] });
  return true;
}

/** What was committed is written to the disk anew; until that is done nothing else is written. */
function mend(): void {
  if (retry !== undefined) return;
  const code = file.mend();
  if (code === undefined) writeNext();
  else refused(code, mend);
}

function refused(code: string, tryAgain: () => void): void {
  say({ kind: 'refused', code });
  retry = setTimeout(() => {
    retry = undefined;
    tryAgain();
  }, diskRetryMs);
}

function sayCommitted({ number, bytes, index }: Batch, outcome: BatchOutcome): void {
  const { verdicts, latest } = outcome;
  say({ kind: 'committed', number, ...outcome, stored: file.stored, bytes, index }, [
    ...[bytes, index.buffer, verdicts.buffer, latest.buffer],
  ]);
}

/** Sealing and forgetting go on in small steps whenever no message waits. */
function goOn(): void {
  sealing = undefined;
  if (retry !== undefined) return;
  const step = file.step();
  if (typeof step === 'string') {
    say({ kind: 'delayed', code: step });
    // What waits for its PUBACK does not rest as long as what can wait.
    if (file.isFailing) refused(step, mend);
  } else if (step) sealing = setImmediate(goOn);
}

function hear(message: ToWriter): void {
  switch (message.kind) {
    case 'batch':
      take(message);
      break;
    case 'tick':
      file.passTo(message.now, message.mayForget);
      sealing ??= setImmediate(goOn);
      break;
    case 'question':
      answer(message);
      break;
    case 'turn':
      queue.push(message);
      writeNext();
      break;
    case 'mend':
      mend();
      break;
    case 'close':
      clearTimeout(retry);
      clearImmediate(sealing);
      file.close();
      port?.close();
      break;
  }
}

function answer({ id, question }: Extract<ToWriter, { kind: 'question' }>): void {
  try {
    const answered = file.answer(question);
    say({ kind: 'answer', id, answer: answered }, [answered.numbers.buffer]);
  } catch (error) {
    say({ kind: 'no-answer', id, why: error instanceof Error ? error.message : String(error) });
  }
}

port.on('message', hear);
say({ kind: 'ready', latest: file.latest(), stored: file.stored });
// Compiled modules are kept even when the power ends this; compiling them takes 20 MB.
flushCompileCache();
