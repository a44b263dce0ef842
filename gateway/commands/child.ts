/** Children of a supervising process: started, named, restarted when they die, ended with their parent. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
/** A Pi has little memory: small heaps are collected early, and freed memory goes back to the system. */
const smallHeap = ['--max-semi-space-size=2', '--max-old-space-size=128'];
const restartMs = 500;
const endMs = 8_000;
/** Restarts in a row, each within a minute of the last, before a child is given up. */
const restartsDefault = 5;
const healthyMs = 60_000;

export type ChildOptions<Ready> = {
  readonly name: string;
  /** Arguments of the command line; a restart may need others, such as a port that is now fixed. */
  readonly args: (before: Ready | undefined) => readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with what the child says when it is ready, at each start. */
  readonly onReady?: (ready: Ready) => void;
  /** 0 for a child that cannot go on where it stopped. */
  readonly restartsMost?: number;
  /** Called when the child died too often. */
  readonly onGivenUp?: () => void;
};

export type Child<Ready> = AsyncDisposable & {
  readonly name: string;
  /** What the child said at its first start; rejects when it ended before. */
  readonly ready: Promise<Ready>;
  pid(): number | undefined;
  send(message: unknown): void;
};

/**
 * Starts a command of this program as a child that says `process.send(ready)` once. The child ends by itself
 * when its parent is gone (see `endWithParent`), so that no orphan keeps a port.
 */
export function startChild<Ready>(options: ChildOptions<Ready>): Child<Ready> {
  const { restartsMost = restartsDefault } = options;
  const first = Promise.withResolvers<Ready>();
  first.promise.catch(() => {});
  let [ending, deaths] = [false, 0];
  let said: Ready | undefined;
  let child: ChildProcess;

  const start = (): void => {
    const startedAt = performance.now();
    child = spawn(process.execPath, [...smallHeap, cli, ...options.args(said)], {
      env: { MALLOC_ARENA_MAX: '2', ...options.env } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (ready) => {
      said = ready as Ready;
      first.resolve(said);
      options.onReady?.(said);
    });
    child.once('error', (error) => first.reject(error));
    child.once('exit', (code, signal) => {
      first.reject(new Error(`${options.name} ended before it was ready (${signal ?? code})`));
      if (ending) return;
      deaths = performance.now() - startedAt > healthyMs ? 1 : deaths + 1;
      if (said === undefined || deaths > restartsMost) return options.onGivenUp?.();
      console.error(`${options.name} ended (${signal ?? code}) and is started again.`);
      setTimeout(() => ending || start(), restartMs);
    });
  };
  start();
  return {
    name: options.name,
    ready: first.promise,
    pid: () => child.pid,
    send: (message) => void (child.connected && child.send(message as never)),
    [Symbol.asyncDispose]: async () => {
      ending = true;
      await endChild(child);
    },
  };
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), endMs);
  await gone;
  clearTimeout(impatient);
}

/** Resolves when this process was told to end, or when its parent is gone. Ctrl-C is for parents (see cli.ts). */
export async function toldToEnd(): Promise<void> {
  const told = Promise.withResolvers<void>();
  process.once('SIGTERM', () => told.resolve());
  if (!process.connected) process.once('SIGINT', () => told.resolve());
  process.once('disconnect', () => told.resolve());
  await told.promise;
  // An open channel to the parent would keep the process alive after everything else has closed.
  if (process.connected) process.disconnect();
}

/** Tells the parent that this process is ready, and with what. */
export const sayReady = (ready: unknown): void => void process.send?.(ready as never);
