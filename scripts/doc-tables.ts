/** Reads the tables of docs/ that name tests, so that what a page promises can be looked up. */
import { existsSync, readFileSync } from 'node:fs';

/** Rows of all tables of the text, cell by cell, without heads. */
export const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line, at, lines) => line.startsWith('| ') && !lines[at + 1]?.startsWith('|---'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** `PATH: name of the test`, several of them parted by a semicolon and a path. */
const testsIn = (cell: string): { file: string; name: string }[] =>
  cell
    .split(/(?:^|; )(?=test\/)/)
    .filter((part) => part !== '')
    .map((part) => {
      const [file = '', ...name] = part.split(': ');
      return { file, name: name.join(': ').trim() };
    });

/** What is wrong with the tests that a cell names; empty when all of them exist. */
export function missingTests(cell: string, root: URL): string[] {
  const named = testsIn(cell);
  if (named.length === 0) return [`no test is named: ${cell}`];
  return named.flatMap(({ file, name }) => {
    const path = new URL(file, root);
    if (!existsSync(path)) return [`no such file: ${file}`];
    // A name may be built from parts; what the page says must stand in one piece.
    const text = readFileSync(path, 'utf8').replaceAll("\\'", "'");
    return name !== '' && text.includes(name) ? [] : [`${file} has no test “${name}”`];
  });
}
