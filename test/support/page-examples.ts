/** Commands that a page shows with what they say, to be typed by a test and compared. */
import { readFileSync } from 'node:fs';

export type Example = { readonly line: number; readonly command: string; readonly shown: string };

/** The `sh` blocks that call the hub, each with the `text` block that follows it. */
export function examplesIn(page: string): Example[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```sh\nscripts\/hub (.*)\n```\n\n```text\n([\s\S]*?)^```/gm)].map(
    ({ 1: command = '', 2: shown = '', index }) => ({
      ...{ command, shown, line: text.slice(0, index).split('\n').length },
    }),
  );
}

/** `…` stands for anything within a line. */
export function looksAsShown(shown: string, said: string): boolean {
  const pattern = shown
    .split('\n')
    .map((line) =>
      line
        .split('…')
        .map((part) => part.replace(/[^\w ]/g, '\\$&').replace(/ +/g, ' +'))
        .join('.*'),
    )
    .join('\n');
  return new RegExp(`^${pattern}$`).test(said);
}
