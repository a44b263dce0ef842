/** A command line as the words that a program gets, with no shell between. */
import { fail, ok, type Result } from './result.ts';

const wordsMost = 64;
/** The one thing that is filled in: the port of the callback listener. */
const portPlace = '{port}';
/** Blanks, a quoted part, one escaped letter, the place of the port, or letters that no shell would act on. */
const piece = /(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|(\{port\}|[^\s'"\\|&;<>$`*?(){}]+)/suy;

/**
 * Splits at blanks; single and double quotes hold a word together, a backslash takes the next letter as it is.
 * The error is a sentence for the keeper.
 */
export function commandWords(line: string): Result<string[], string> {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  const given = line.trim();
  while (at < given.length) {
    piece.lastIndex = at;
    const found = piece.exec(given);
    if (found === null) return fail(objectionAt(given, at));
    at = piece.lastIndex;
    const [, blank, single, double, escaped, plain] = found;
    if (blank === undefined) {
      const part = single ?? double?.replaceAll(/\\(.)/gsu, '$1') ?? escaped ?? plain ?? '';
      word = `${word ?? ''}${part}`;
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) return fail('it names no program');
  return words.length > wordsMost ? fail(`it has more than ${wordsMost} words`) : ok(words);
}

function objectionAt(line: string, at: number): string {
  const letter = line[at] ?? '';
  if (letter === '\\') return 'it ends with a backslash';
  return letter === '"' || letter === "'"
    ? `a quote ${letter} is not closed`
    : `no shell runs it: ${letter} has no meaning here`;
}

/** The same words with the callback listener's port filled in. */
export const withPort = (words: readonly string[], port: number): string[] =>
  words.map((word) => word.replaceAll(portPlace, String(port)));
