/** The examples of a page, and how far what a shell prints is what the page shows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export type Shown = { readonly command: string; readonly answer: unknown };

/** The `sh` blocks of a page, each with the `json` block that follows it; undefined without one. */
export function shownOn(page: string): Shown[] {
  const blocks = page.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\s*```json\n([\s\S]*?)^```)?/gm);
  return [...blocks].map(([, command = '', json]) => ({
    command,
    answer: json === undefined ? undefined : JSON.parse(json),
  }));
}

/** What one shell prints for each of the commands, pasted one after the other. */
export async function pasteInto(
  commands: readonly string[],
  cwd: string,
): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const between = 'next-example';
  const script = commands.join(`\nprintf '${between}'\n`);
  const shell = spawn('sh', ['-uc', script], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [code]] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
  return { code: Number(code), said: said.split(between) };
}

const wildcard = '…';

/** Whether `got` is what is shown: `…` in a text is any text, alone any value, last in a list any more. */
export function isShown(shown: unknown, got: unknown): boolean {
  if (shown === wildcard) return got !== undefined;
  if (typeof shown === 'string' && typeof got === 'string') return fits(shown, got);
  if (Array.isArray(shown)) return Array.isArray(got) && isShownList(shown, got);
  if (typeof shown !== 'object' || shown === null) return shown === got;
  if (typeof got !== 'object' || got === null) return false;
  const [wanted, there] = [new Map(Object.entries(shown)), new Map(Object.entries(got))];
  return (
    wanted.size === there.size &&
    [...wanted].every(([name, value]) => isShown(value, there.get(name)))
  );
}

function isShownList(shown: readonly unknown[], got: readonly unknown[]): boolean {
  const isOpen = shown.at(-1) === wildcard;
  const known = isOpen ? shown.slice(0, -1) : shown;
  const longEnough = isOpen ? got.length >= known.length : got.length === known.length;
  return longEnough && known.every((each, index) => isShown(each, got[index]));
}

const fits = (shown: string, got: string): boolean => {
  const parts = shown.split(wildcard).map((part) => part.replace(/[^\w ]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(got);
};
