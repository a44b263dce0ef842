/** The virtual meters of firmware/vmeter: built when they are first asked for, and run as a process of their own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const make = resolve(import.meta.dirname, '../../../firmware/make');
/** What the build needs: a program on the PATH or a file, and the Debian package that brings it. */
const needed: readonly (readonly [what: string, debian: string])[] = [
  ['g++', 'g++'],
  ['cmake', 'cmake'],
  ['ninja', 'ninja-build'],
  ['/usr/include/sodium.h', 'libsodium-dev'],
];

/** What is missing here for virtual meters, as a sentence; undefined when they can be built. */
export function whyNoVmeter(exists: (file: string) => boolean = existsSync): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const isHere = (what: string): boolean =>
    what.startsWith('/') ? exists(what) : folders.some((folder) => exists(join(folder, what)));
  const missing = needed.filter(([what]) => !isHere(what)).map(([, debian]) => debian);
  if (missing.length === 0) return undefined;
  return `the virtual meters cannot be built here: apt-get install ${missing.join(' ')}`;
}

/** The path of the program; builds it first, which takes a minute once. Rejects with what is missing or wrong. */
export async function builtVmeter(): Promise<string> {
  const why = whyNoVmeter();
  if (why !== undefined) throw new Error(why);
  const building = spawn(make, ['vmeter'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', error: '' };
  building.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  building.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.error += text;
  });
  const [code] = (await once(building, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(`the virtual meters do not compile:\n${said.error.slice(-2_000)}`);
  return said.out.trimEnd().split('\n').at(-1) ?? '';
}

/** One virtual meter, as vmeter reads it. */
export type VmeterCredentials = {
  readonly id: string;
  /** Up to 128 characters, none of them a tab. */
  readonly secret: string;
  /** 32 bytes of an Ed25519 private key (RFC 8032). */
  readonly seed: Uint8Array;
  /** Where its registers stand, mWh, and the last sequence number that was used. */
  readonly from?: {
    readonly importMwh: number;
    readonly exportMwh: number;
    readonly generationMwh: number;
    readonly lastSequence: number;
  };
};

const microJoulesPerMwh = 3_600_000n;

/** The lines of the file that `--meters` names. */
export const credentialLines = (meters: readonly VmeterCredentials[]): string =>
  meters
    .map(({ id, secret, seed, from }) => {
      const words = [id, secret, Buffer.from(seed).toString('hex')];
      if (from === undefined) return words.join('\t');
      const registers = [from.importMwh, from.exportMwh, from.generationMwh];
      const energyUj = registers.map((mwh) => String(BigInt(mwh) * microJoulesPerMwh));
      return [...words, ...energyUj, from.lastSequence].join('\t');
    })
    .map((line) => `${line}\n`)
    .join('');

/** A line of `--progress-ms`. */
export type VmeterProgress = {
  readonly up: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly overwritten: number;
};

type Mwh = readonly [importMwh: number, exportMwh: number, generationMwh: number];

/** What vmeter says at its end. */
export type VmeterSummary = VmeterProgress & {
  readonly meters: number;
  readonly made: number;
  /** Connections that were begun. */
  readonly dials: number;
  /** PUBACKs per second after the warm-up. */
  readonly perSecond: number;
  readonly cpuSeconds: number;
  readonly memoryKb: number;
  /** Readings whose time from when they were due to their PUBACK is known; the percentiles are about them. */
  readonly clocked: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly mostUs: number;
  readonly each: readonly {
    readonly id: string;
    readonly first: number;
    readonly last: number;
    readonly acknowledged: number;
    readonly delivered: number;
    readonly firstMwh: Mwh;
    readonly lastMwh: Mwh;
  }[];
};

export interface Vmeters extends AsyncDisposable {
  readonly pid: number;
  /** Lines of a profile (firmware/vmeter/profile.h), when it was started with `--profile -`. */
  learn(lines: string): void;
  progress(): VmeterProgress;
  /** They measure no more, and end when all is acknowledged or their patience is over. */
  finish(): Promise<VmeterSummary>;
  /** Resolves when they have ended by themselves; rejects when they did not end well. */
  readonly summary: Promise<VmeterSummary>;
}

const nothingYet: VmeterProgress = { up: 0, delivered: 0, waiting: 0, overwritten: 0 };

/** Starts the program; `options` are those of its command line without the dashes. */
export function runVmeter(
  program: string,
  options: Readonly<Record<string, string | number>>,
): Vmeters {
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const heard = { progress: nothingYet, complaints: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard.complaints = (heard.complaints + text).slice(-2_000);
  });
  child.stdin.on('error', () => {});
  const summary = summaryOf(child, heard);
  // Whoever only looks at the progress must not be ended by this.
  summary.catch(() => {});
  return {
    pid: child.pid ?? 0,
    learn: (lines) => void child.stdin.write(lines),
    progress: () => heard.progress,
    summary,
    async finish() {
      child.stdin.end();
      child.kill('SIGTERM');
      return summary;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

type Heard = { progress: VmeterProgress; complaints: string };

function summaryOf(child: ChildProcess, heard: Heard): Promise<VmeterSummary> {
  const { stdout } = child;
  if (stdout === null) throw new Error('a program without standard output');
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    createInterface({ input: stdout }).on('line', (line) => {
      // Progress is one line; the summary begins with its number of meters and ends with the program.
      if (line.startsWith('{"up"')) heard.progress = JSON.parse(line) as VmeterProgress;
      else lines.push(line);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0) reject(new Error(`vmeter ended with ${signal ?? code}: ${heard.complaints}`));
      else resolve(JSON.parse(lines.join('\n')) as VmeterSummary);
    });
  });
}
