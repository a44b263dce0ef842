/** Looks for what must never be printed: full phone numbers, callback paths, secrets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How a request's Authorization or Password begins that holds a secret after these words. */
const inBase64 = (...words: readonly string[]): string =>
  words.map((word) => Buffer.from(word).toString('base64').replace(/=+$/, '')).join('|');

type Pattern = { readonly what: string; readonly looks: RegExp };

/** The made-up numbers with which the API says how a number looks; nobody's. */
const printedExamples: ReadonlySet<string> = new Set(['0712345678', '0112345678', '254712345678']);

const patterns: readonly Pattern[] = [
  {
    what: 'a full phone number',
    looks: /(?<![\w.-])\+?(?:254|0)[17]\d{8}(?![\w-]|\.\d)/g,
  },
  { what: 'a callback path', looks: /\/api\/payment\/callback\/[0-9a-f]{32}/g },
  { what: 'a secret of the simulated M-Pesa', looks: /simulated-(?:consumer-secret|passkey)/g },
  {
    what: 'the same in base64',
    looks: new RegExp(inBase64('simulated-consumer-key:s', '174379simulated'), 'g'),
  },
  { what: 'an initiator’s password', looks: /simulated#password|Safe#Word1/g },
  { what: 'a passkey', looks: /passkey-of-the-test/g },
  { what: 'a bearer token', looks: /\bBearer [\w.~+/-]{16,}/g },
  { what: 'an operator token', looks: /\boperator-token-of-[\w-]+/g },
  { what: 'a security credential', looks: /(?<![\w+/])[\w+/]{342}==/g },
  { what: 'a private key', looks: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g },
];

/** What leaked, in words that do not leak it again; each kind once. */
export const leaksIn = (text: string): string[] =>
  patterns.flatMap(({ what, looks }) => {
    const found = (text.match(looks) ?? []).filter((one) => !printedExamples.has(one));
    return found.length === 0 ? [] : [`${what} (${found.length}×, such as ${masked(found[0])})`];
  });

const shownMost = 6;
const masked = (text = ''): string => `${text.slice(0, shownMost)}…${text.length} characters`;

/** Everything that was printed, by name. */
export type Printed = ReadonlyMap<string, string>;

/** What programs said whose output a test keeps to itself (test/support/transcript.ts). */
export const transcriptsIn = (folder: string): Printed =>
  new Map(
    readdirSync(folder).map((name) => [
      `a program of process ${name}`,
      readFileSync(join(folder, name), 'utf8'),
    ]),
  );

/** One line for each leak; none when all is well. */
export const leaksOf = (printed: Printed): string[] =>
  [...printed].flatMap(([where, text]) => leaksIn(text).map((leak) => `${where}: ${leak}`));
