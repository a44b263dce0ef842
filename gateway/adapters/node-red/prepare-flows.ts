/** Lets the flows' own program mend and upgrade them, and hands it what the hub gives to its flows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { fail, ok, type Result } from '../../core/result.ts';
import { type Place, prepareCommand } from './command.ts';
import { prepareMs } from './limits.ts';

/** Where the hub is and by what name flows enter it. */
export type FlowsAccess = {
  readonly hub: {
    readonly mqttUrl: string;
    readonly username: string;
    readonly password: string;
    readonly apiUrl: string;
    readonly apiToken: string;
  };
  /** Of the keeper, for the editor. */
  readonly editorPassword: string;
};

const list = z.array(z.string());
const prepared = z.object({
  restoredFrom: z.string().optional(),
  ...{ added: list, updated: list, offered: list, missing: list, movedAway: list },
});
export type Prepared = z.infer<typeof prepared>;

const reportBytesMax = 64 * 1024;

/** On failure: what the program said last. */
export async function prepareFlows(
  place: Place,
  access: FlowsAccess,
): Promise<Result<Prepared, string>> {
  const { program, words, env } = prepareCommand(place);
  const child = spawn(program, words, {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: prepareMs,
    killSignal: 'SIGKILL',
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      said[name] = (said[name] + chunk).slice(-reportBytesMax);
    });
  // A program that ends before it has read says why on its own.
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(access));
  const [code] = await once(child, 'close').catch((error: Error) => [error.message]);
  const read = code === 0 ? prepared.safeParse(readJson(said.stdout)) : undefined;
  if (read?.success) return ok(read.data);
  const why = said.stderr.split('\n').find((line) => line.includes('Error')) ?? '';
  return fail(`the flows could not be prepared (${code}): ${why}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
