/** Any program that opens a tunnel and prints its address: cloudflared, ssh -R, and what comes after them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { withPort } from '../../core/command-words.ts';
import type { TunnelBackend } from '../../ports/tunnel.ts';

export type CommandOptions = {
  /** Program and arguments; `{port}` stands for the callback listener's port. */
  readonly words: readonly string[];
  /** The address, where it is known beforehand and the program prints none. */
  readonly url?: string | undefined;
  /** Finds the address in a line; its first group, or all of it. */
  readonly pattern?: RegExp | undefined;
  /** Hears the program's last words when it ends by itself. */
  readonly say: (line: string) => void;
};

/** An address that ends at its host: what such programs print beside it are links to pages. */
const usualPattern = /https?:\/\/[a-z0-9][a-z0-9.-]*(?::\d+)?(?=\/?(?:[\s|"'<>,\])]|$))/i;
const loopback = /^https?:\/\/(?:localhost|127\.|0\.0\.0\.0)/i;
const lineLengthMost = 2_048;
const lastWordsMost = 200;
/** Between asking the program to end and ending it. */
const endMs = 2_000;

/**
 * Puts the program into a group with a guard that ends the group when the hub is gone, even when it was killed. The
 * program's words are arguments of the guard; no shell reads them.
 */
const guard =
  'exec 3<&0; "$@" </dev/null 3<&- & program=$!; { cat <&3 >/dev/null; kill -s KILL 0; } & wait "$program"';

/** Of the hub's environment only what programs look for; never its secrets. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'SSH_AUTH_SOCK'];

/** Runs the program for as long as the tunnel is wanted. */
export const commandBackend = (options: CommandOptions): TunnelBackend => ({
  name: 'command',
  knownUrl: options.url,
  open: async (port, signal) => {
    signal.throwIfAborted();
    const words = withPort(options.words, port);
    const program = spawn('/bin/sh', ['-c', guard, 'tunnel', ...words], {
      env: environment(),
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const named = Promise.withResolvers<string>();
    const gone = Promise.withResolvers<string>();
    if (options.url !== undefined) named.resolve(options.url);
    const lastLine = listen(program, options.pattern ?? usualPattern, named.resolve);
    const end = (why: string) => {
      named.reject(new Error(why));
      gone.resolve(why);
    };
    const giveUp = () => end('the program names no address');
    signal.addEventListener('abort', giveUp, { once: true });
    program.on('error', (error) => end(`the program does not start (${error.name})`));
    program.on('exit', (code, killed) => {
      killGroup(program, 'SIGKILL');
      if (!isClosing) options.say(lastLine().slice(0, lastWordsMost));
      end(`the program ended (${killed ?? code})`);
    });
    let isClosing = false;
    const close = async () => {
      isClosing = true;
      await endProgram(program);
    };
    try {
      return { url: await named.promise, close, onDown: (hear) => void gone.promise.then(hear) };
    } catch (error) {
      await close();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  },
});

const environment = (): Record<string, string> =>
  Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** Reads all that the program says, so that it is never held up; returns the way to ask for its last line. */
function listen(
  program: ChildProcess,
  pattern: RegExp,
  hearUrl: (url: string) => void,
): () => string {
  let last = '';
  for (const stream of [program.stdout, program.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (whole) => {
      const line = whole.slice(0, lineLengthMost);
      if (line.trim() !== '') last = line;
      const found = pattern.exec(line);
      const url = found?.[1] ?? found?.[0];
      if (url !== undefined && URL.canParse(url) && !loopback.test(url)) hearUrl(url);
    });
  }
  return () => last;
}

async function endProgram(program: ChildProcess): Promise<void> {
  if (program.pid === undefined || program.exitCode !== null || program.signalCode !== null) return;
  const ended = new Promise((resolve) => program.once('exit', resolve));
  killGroup(program, 'SIGTERM');
  const impatient = setTimeout(() => killGroup(program, 'SIGKILL'), endMs);
  await ended;
  clearTimeout(impatient);
}

function killGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
