/** The end of the line at which systemd listens: a datagram socket, which Node has not and Perl has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Each datagram becomes one line. What comes with it is closed, which is what a barrier waits for. */
const listener = `
  use Socket; $| = 1;
  socket(my $line, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  bind($line, sockaddr_un($ARGV[0])) or die $!;
  while (defined recv($line, my $said, 65536, 0)) { $said =~ s/\\n/ /g; print "$said\\n"; }
`;
const lookEveryMs = 10;
const patienceMs = 60_000;

export type Heard = { readonly words: string; readonly atMs: number };

export type Systemd = AsyncDisposable & {
  readonly socket: string;
  /** Everything but barriers, in order. */
  readonly heard: readonly Heard[];
  /** The first that looks so at or after that many; waits for it. */
  hears(pattern: RegExp, from?: number): Promise<Heard>;
};

export async function aSystemd(): Promise<Systemd> {
  const folder = mkdtempSync(join(tmpdir(), 'jirani-notify-'));
  const socket = join(folder, 'notify');
  const perl = spawn('perl', ['-e', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  const heard: Heard[] = [];
  createInterface({ input: perl.stdout }).on('line', (words) => {
    if (!words.startsWith('BARRIER=')) heard.push({ words, atMs: performance.now() });
  });
  const until = async <T>(look: () => T | undefined, what: string): Promise<T> => {
    for (let waited = 0; waited < patienceMs; waited += lookEveryMs) {
      const found = look();
      if (found !== undefined) return found;
      await sleep(lookEveryMs);
    }
    throw new Error(`${what} never came; heard: ${heard.map(({ words }) => words).join(' | ')}`);
  };
  await until(() => existsSync(socket) || undefined, 'the socket');
  return {
    socket,
    heard,
    hears: (pattern, from = 0) =>
      until(() => heard.slice(from).find(({ words }) => pattern.test(words)), String(pattern)),
    [Symbol.asyncDispose]: async () => {
      perl.kill();
      await once(perl, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
