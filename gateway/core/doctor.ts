/** What a doctor makes of what was measured: plain thresholds, each with what to do about it. */
import { dayMs, hourMs } from './slot.ts';

export type Verdict = 'ok' | 'warn' | 'fail';

export type Finding = {
  readonly subject: string;
  readonly verdict: Verdict;
  /** What was seen: a figure, an answer, a time. */
  readonly evidence: string;
  /** What to do; empty when nothing is. */
  readonly todo: string;
};

export const well = (subject: string, evidence: string): Finding => ({
  ...{ subject, verdict: 'ok', evidence, todo: '' },
});
export const doubtful = (subject: string, evidence: string, todo: string): Finding => ({
  ...{ subject, verdict: 'warn', evidence, todo },
});
export const wrong = (subject: string, evidence: string, todo: string): Finding => ({
  ...{ subject, verdict: 'fail', evidence, todo },
});

/** A hub is well only when nothing at all was found. */
export const isWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ verdict }) => verdict === 'ok');

const mb = 2 ** 20;
const gb = 2 ** 30;
const inGb = (bytes: number): string => `${(bytes / gb).toFixed(1)} GB`;
const inMb = (bytes: number): string => `${Math.round(bytes / mb)} MB`;

/** Below the first a nightly copy may not fit; below the second the hub soon cannot write. */
const [diskScarceBytes, diskLastBytes] = [gb, 256 * mb];

export function judgeDisk(freeBytes: number, totalBytes: number): Finding {
  const evidence = `${inGb(freeBytes)} of ${inGb(totalBytes)} are free`;
  const todo =
    'Make room: old backups, replaced-* folders of restores, journalctl --vacuum-size=64M.';
  if (freeBytes < diskLastBytes) return wrong('disk', evidence, todo);
  return freeBytes < diskScarceBytes ? doubtful('disk', evidence, todo) : well('disk', evidence);
}

/** A card of 32 GB that bears 1,000 full writes lasts nine years at this pace. */
const wearMostBytesPerDay = 10 * gb;
/** A rate of minutes says nothing of a day. */
const wearLeastMs = 10 * 60_000;

export type Wear = {
  /** Everything that was written to the card since the machine started. */
  readonly deviceBytes: number | undefined;
  readonly machineUpMs: number;
  /** By process, since each was started. */
  readonly causes: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly upMs: number;
  }[];
};

export function judgeWear({ deviceBytes, machineUpMs, causes }: Wear): Finding {
  const perDay = (bytes: number, upMs: number): number => (bytes * dayMs) / Math.max(upMs, 1);
  const parts = causes
    .filter(({ upMs }) => upMs >= wearLeastMs)
    .map(({ name, bytes, upMs }) => ({ name, rate: perDay(bytes, upMs) }));
  if (deviceBytes === undefined || machineUpMs < wearLeastMs)
    return well('card wear', 'not known: the machine has only started, or does not tell');
  const all = perDay(deviceBytes, machineUpMs);
  const ours = parts.reduce((sum, { rate }) => sum + rate, 0);
  const named = [...parts, { name: 'everything else', rate: Math.max(0, all - ours) }];
  const evidence = `${inMb(all)} a day: ${named.map(({ name, rate }) => `${name} ${inMb(rate)}`).join(', ')}`;
  return all > wearMostBytesPerDay
    ? doubtful(
        'card wear',
        evidence,
        'See what writes so much: iotop -ao. Logs belong into memory.',
      )
    : well('card wear', evidence);
}

const [memoryScarceBytes, memoryLastBytes] = [128 * mb, 48 * mb];

export function judgeMemory(availableBytes: number, hubBytes: number | undefined): Finding {
  const ours = hubBytes === undefined ? '' : `; the hub takes ${inMb(hubBytes)}`;
  const evidence = `${inMb(availableBytes)} are free for use${ours}`;
  const todo = 'Stop what else runs here, or set NODE_RED=off; then systemctl restart jirani.';
  if (availableBytes < memoryLastBytes) return wrong('memory', evidence, todo);
  return availableBytes < memoryScarceBytes
    ? doubtful('memory', evidence, todo)
    : well('memory', evidence);
}

/** A night may be missed; two in a row want a look, and after a week the copies are history. */
const [backupOldMs, backupHistoryMs] = [36 * hourMs, 7 * dayMs];

export function judgeBackup(newestAt: number | undefined, now: number): Finding {
  const todo =
    'scripts/hub backup --nightly, and see that its timer runs: systemctl status jirani-backup.timer';
  if (newestAt === undefined) return wrong('backup', 'there is none', todo);
  const ageMs = Math.max(0, now - newestAt);
  const evidence = `the newest is ${inWordsOf(ageMs)} old`;
  if (ageMs > backupHistoryMs) return wrong('backup', evidence, todo);
  return ageMs > backupOldMs ? doubtful('backup', evidence, todo) : well('backup', evidence);
}

export function inWordsOf(ms: number): string {
  if (ms >= 2 * dayMs) return `${Math.floor(ms / dayMs)} days`;
  if (ms >= 2 * hourMs) return `${Math.floor(ms / hourMs)} hours`;
  return `${Math.floor(ms / 60_000)} minutes`;
}

/** What may wait for how long before somebody should know. */
const queueOldMs = { messages: 10 * 60_000, topups: 2 * dayMs, payouts: dayMs, tokens: dayMs };

export type Queue = {
  readonly name: keyof typeof queueOldMs;
  readonly waiting: number;
  readonly oldestAt: number | undefined;
};

export function judgeQueue({ name, waiting, oldestAt }: Queue, now: number): Finding {
  const subject = `queue of ${name}`;
  if (waiting === 0 || oldestAt === undefined) return well(subject, 'empty');
  const ageMs = Math.max(0, now - oldestAt);
  const evidence = `${waiting} wait, the oldest for ${inWordsOf(ageMs)}`;
  return ageMs > queueOldMs[name]
    ? doubtful(subject, evidence, 'scripts/hub pay reviews tells what holds it up.')
    : well(subject, evidence);
}

const [certificateSoonMs, certificateMonthMs] = [7 * dayMs, 30 * dayMs];

export function judgeCertificate(subject: string, validTo: number, now: number): Finding {
  const leftMs = validTo - now;
  const evidence = `valid until ${new Date(validTo).toISOString().slice(0, 10)}`;
  if (leftMs < certificateSoonMs)
    return wrong(subject, evidence, 'Renew it now, and restart the hub.');
  return leftMs < certificateMonthMs
    ? doubtful(subject, evidence, 'Renew it this month, and restart the hub.')
    : well(subject, evidence);
}

/** Which rights a file has that it must not have. */
export function judgeMode(subject: string, mode: number, mustNot = 0o077): Finding {
  const evidence = `mode ${(mode & 0o777).toString(8).padStart(4, '0')}`;
  return (mode & mustNot) === 0
    ? well(subject, evidence)
    : wrong(subject, `${evidence}: others can read it`, `chmod go-rwx ${subject}`);
}

export type ChosenScheme = {
  readonly environment: string;
  readonly scheme: string | undefined;
};

/** Who bills what is the neighbourhood's decision; real money must not move before it was made. */
export function judgeScheme({ environment, scheme }: ChosenScheme): Finding {
  if (scheme !== undefined) return well('scheme', scheme);
  const todo = 'Decide who bills what, and set SCHEME=mini-grid, credit or certificate.';
  return environment === 'production'
    ? wrong('scheme', 'none is chosen, and M-Pesa is the real one', todo)
    : well('scheme', 'none is chosen; mini-grid is assumed while no real money moves');
}
