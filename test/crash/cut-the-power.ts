/** Runs power cuts in a process with mounts of its own, so that nothing stays mounted whatever happens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PowerCuts, PowerCutsOutcome } from './power-cuts.ts';

const program = fileURLToPath(new URL('./power-cuts-program.ts', import.meta.url));

type Said = { readonly line?: string; readonly outcome?: PowerCutsOutcome };

/** Rejects when the cuts could not be made to the end. Ask `whyNoLoopDisk` first. */
export async function cutThePower(
  wish: PowerCuts,
  say: (line: string) => void,
): Promise<PowerCutsOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'jirani-cuts-'));
  try {
    const words = ['--mount', '--propagation', 'private', process.execPath, program];
    const child = spawn('unshare', [...words, JSON.stringify(wish), folder], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let outcome: PowerCutsOutcome | undefined;
    child.on('message', (said: Said) => {
      if (said.line !== undefined) say(said.line);
      outcome ??= said.outcome;
    });
    await once(child, 'exit');
    if (outcome === undefined) throw new Error('the power cuts ended without an outcome');
    return outcome;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
