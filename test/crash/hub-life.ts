/** Lives of the hub under test: each begins with orders and ends by SIGKILL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FastClock } from './neighbourhood-time.ts';

export type HubOrders = {
  readonly file: string;
  readonly commitMs: number;
  readonly clock: FastClock;
  /** A way to be wrong on purpose, which the audit must notice. */
  readonly mutant?: Mutant | undefined;
  readonly fileBytesMax?: number | undefined;
};
export type Mutant = 'thanks-too-early' | 'lost-in-power-cuts';

/** Lines on the hub's stdout. */
export type HubSays =
  | { readonly port: number }
  | { readonly refused: string }
  | { readonly fatal: string };

export type HubLife = {
  readonly port: number;
  /** How often the disk refused a batch so far. */
  readonly refusals: () => number;
  /** Why the hub ended by itself, if it did. */
  readonly ended: () => string | undefined;
  readonly kill: () => Promise<void>;
  /** It stands still at once, with all its threads, as when the power is gone. */
  readonly freeze: () => void;
};

const program = fileURLToPath(new URL('./crash-hub.ts', import.meta.url));
/** A hub that does not open its file within this time is broken, whatever the machine does besides. */
const openMs = 300_000;

/** Hubs with their modules loaded, so that a restart costs milliseconds. They end with this scope. */
export class HubNursery implements Disposable {
  readonly #env: NodeJS.ProcessEnv;
  readonly #all = new Set<ChildProcess>();
  #waiting: ChildProcess | undefined;

  /** `env` is added to our own. */
  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#env = env;
  }

  /** Rejects when the hub ends before it listens. */
  async start(orders: HubOrders): Promise<HubLife> {
    const child = this.#waiting ?? this.#spawn();
    const exited = once(child, 'exit');
    const life = { refusals: 0, ended: undefined as string | undefined };
    const port = new Promise<number>((resolve, reject) => {
      const overdue = setTimeout(reject, openMs, new Error(`the hub did not open in ${openMs} ms`));
      const failed = (why: string): void => {
        life.ended ??= why;
        clearTimeout(overdue);
        reject(new Error(why));
      };
      child.once('exit', (code, signal) => failed(`the hub ended with ${signal ?? code}`));
      if (child.stdout === null) throw new Error('a hub without stdout');
      createInterface({ input: child.stdout }).on('line', (line) => {
        const said = JSON.parse(line) as HubSays;
        if ('refused' in said) life.refusals += 1;
        else if ('fatal' in said) failed(said.fatal);
        else {
          clearTimeout(overdue);
          resolve(said.port);
        }
      });
    });
    child.stdin?.write(`${JSON.stringify(orders)}\n`);
    this.#waiting = this.#spawn();
    return {
      port: await port,
      refusals: () => life.refusals,
      ended: () => life.ended,
      freeze: () => void child.kill('SIGSTOP'),
      kill: async () => {
        child.kill('SIGKILL');
        await exited;
        this.#all.delete(child);
      },
    };
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, ...this.#env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => {});
    this.#all.add(child);
    return child;
  }

  [Symbol.dispose](): void {
    for (const child of this.#all) child.kill('SIGKILL');
  }
}
