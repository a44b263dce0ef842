/** Node-RED as a child of the hub: started, watched, ended; its troubles are its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../ports/log.ts';
import { isInstalled, type Place, runCommand } from './command.ts';
import { countCrashes } from './crashes.ts';
import { watchFiles } from './flows-files.ts';
import { lineLengthMost, linesPerMinuteMost, type Patience, usualPatience } from './limits.ts';
import { type FlowsAccess, type Prepared, prepareFlows } from './prepare-flows.ts';
import { watchOver } from './watchdog.ts';

export type NodeRedState = 'ok' | 'starting' | 'safe-mode' | 'away';

export type NodeRedHealth = {
  readonly state: NodeRedState;
  /** A sentence for a person; empty when all is well. */
  readonly detail: string;
};

export type NodeRedOptions = Place & {
  readonly access: FlowsAccess;
  readonly log: Log;
  readonly patience?: Partial<Patience>;
};

export interface NodeRed extends AsyncDisposable {
  health(): NodeRedHealth;
  readonly port: number;
  pid(): number | undefined;
  /** How often it was started. */
  starts(): number;
}

/** Begins in the background; nothing of the hub waits for it. Throws when the package is not installed. */
export function openNodeRed(options: NodeRedOptions): NodeRed {
  if (!isInstalled(options.flowsFolder))
    throw new Error(
      'NODE_RED=on, but Node-RED is not installed: NODE_RED=on scripts/hub brings it',
    );
  const keeper = new Supervisor(options);
  void keeper.run();
  return {
    port: options.port,
    health: () => keeper.health,
    pid: () => keeper.child?.pid,
    starts: () => keeper.starts,
    [Symbol.asyncDispose]: () => keeper.end(),
  };
}

class Supervisor {
  health: NodeRedHealth = { state: 'starting', detail: '' };
  child: ChildProcess | undefined;
  starts = 0;
  readonly #options: NodeRedOptions;
  readonly #patience: Patience;
  readonly #ended = new AbortController();
  readonly #crashes: ReturnType<typeof countCrashes>;
  /** What the keeper should know of the last preparation. */
  #notes = '';
  #running: Promise<void> = Promise.resolve();

  constructor(options: NodeRedOptions) {
    this.#options = options;
    this.#patience = { ...usualPatience, ...options.patience };
    this.#crashes = countCrashes(this.#patience);
  }

  /** Again and again, until the hub ends. */
  run(): Promise<void> {
    this.#running = this.#live();
    return this.#running;
  }

  async end(): Promise<void> {
    this.#ended.abort();
    const child = this.child;
    if (child !== undefined) {
      child.kill('SIGTERM');
      const impatient = setTimeout(() => child.kill('SIGKILL'), this.#patience.endMs);
      await this.#running;
      clearTimeout(impatient);
    }
    await this.#running;
  }

  async #live(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const isSafe = this.#crashes.isTooMany(performance.now());
      const why = (await this.#prepare()) ?? (await this.#liveOnce(isSafe));
      if (signal.aborted) return;
      this.#crashes.add(performance.now());
      this.health = { state: 'away', detail: `Node-RED ${why} and is started again.` };
      this.#options.log.warn('Node-RED has ended and is started again', { why });
      await sleep(this.#patience.restartMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Answers why it failed, or undefined. */
  async #prepare(): Promise<string | undefined> {
    const prepared = await prepareFlows(this.#options, this.#options.access);
    if (!prepared.ok) return prepared.error;
    this.#notes = notesOf(prepared.value);
    if (this.#notes !== '')
      this.#options.log.warn('the flows were prepared', { notes: this.#notes });
    return undefined;
  }

  /** Resolves to why it ended. */
  async #liveOnce(isSafe: boolean): Promise<string> {
    const { log, port, stateFolder } = this.#options;
    if (this.#ended.signal.aborted) return 'was not started';
    const child = this.#spawn(isSafe);
    let isSilent = false;
    const hasChanged = watchFiles(stateFolder);
    let isSafeStill = isSafe;
    const stopWatching = watchOver({
      port,
      patience: this.#patience,
      onAnswer: () => {
        // Deploying starts stopped flows.
        if (hasChanged() && isSafeStill) {
          isSafeStill = false;
          this.#crashes.forget();
        }
        this.health = isSafeStill ? inSafeMode : { state: 'ok', detail: this.#notes };
      },
      onSilent: () => {
        isSilent = true;
        log.warn('Node-RED does not answer and is ended');
        child.kill('SIGKILL');
      },
    });
    const [code, signal] = await once(child, 'exit').catch((error: Error) => [error.message]);
    stopWatching();
    this.child = undefined;
    return isSilent ? 'did not answer' : `ended (${signal ?? code})`;
  }

  #spawn(isSafe: boolean): ChildProcess {
    const { program, words, env } = runCommand(this.#options, isSafe);
    const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.starts += 1;
    this.health = { state: 'starting', detail: '' };
    const say = sparingly((line) => this.#options.log.info('flows say', { line }));
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => say(chunk));
    return child;
  }
}

const inSafeMode: NodeRedHealth = {
  state: 'safe-mode',
  detail: 'It crashed too often: flows and gates stand still until one is changed and deployed.',
};

/** For the status: what a keeper would otherwise wonder about. */
function notesOf({ restoredFrom, offered, missing }: Prepared): string {
  return [
    restoredFrom === undefined ? '' : `The flows were damaged; restored from ${restoredFrom}.`,
    offered.length === 0 ? '' : `A newer version is there of edited tabs: ${offered.join(', ')}.`,
    missing.length === 0 ? '' : `Tabs wait for node types: ${missing.join(', ')}.`,
  ]
    .filter((note) => note !== '')
    .join(' ');
}

/** Node-RED's complaint at each save; what it saved is put onto the disk by the hub (flows-files.ts). */
const flushedByUs = 'fsync API is disabled';

/** Flows may write as much as they like; the hub's log takes a part of it. */
function sparingly(say: (line: string) => void): (chunk: string) => void {
  let [count, since] = [0, performance.now()];
  return (chunk) => {
    if (performance.now() - since > 60_000) [count, since] = [0, performance.now()];
    for (const line of chunk.split('\n')) {
      if (line.trim() === '' || line.includes(flushedByUs)) continue;
      if (count >= linesPerMinuteMost) return;
      count += 1;
      say(line.slice(0, lineLengthMost));
    }
  };
}
