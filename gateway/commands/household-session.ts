/** `households pin` and `households qr`: the keeper lets a household in. */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { hashOf } from '../adapters/ids/ids.ts';
import { freshPin, hashPin } from '../adapters/ids/pin-hash.ts';
import type { OpenBooks } from '../adapters/sqlite/open.ts';
import type { Household } from '../core/household.ts';
import type { HouseholdId } from '../core/ids.ts';
import { codeLivesMs } from '../core/sign-in.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { print } from './hub-api.ts';

const codeBytes = 16;
const minuteMs = 60_000;

type Options = { readonly json?: boolean; readonly at?: string };

/** `open` opens the books; they may be in use by a running hub. */
export function householdSessionCommands(households: Command, open: () => OpenBooks): void {
  households
    .command('pin <id>')
    .description('give a household a new PIN, shown once; its phones are signed out')
    .option('--json')
    .action(async (id: string, { json }: Options) => {
      using books = open();
      const household = householdOf(books, id);
      const pin = freshPin();
      books.sessions.setPin(household.id, await hashPin(pin), Date.now());
      print({ household: id, pin }, json, () => [
        `${household.name} signs in with its phone number and PIN ${pin} (not shown again).`,
      ]);
    });
  households
    .command('qr <id>')
    .description('a code that signs a household in once, to be scanned from this screen')
    .option(
      '--at <url>',
      'where the phone finds the hub, such as http://192.168.1.20:5000',
      address,
    )
    .option('--json')
    .action((id: string, { json, at = usualAddress() }: Options) => {
      using books = open();
      const household = householdOf(books, id);
      const code = randomBytes(codeBytes).toString('base64url');
      const now = Date.now();
      books.sessions.addCode(hashOf(code), household.id, now + codeLivesMs, now);
      // Behind the #: a browser keeps that part to itself, so no log of a proxy ever has it.
      const link = `${at}/sign-in#${code}`;
      print({ household: id, link, expiresInMs: codeLivesMs }, json, () => [
        renderUnicodeCompact(link),
        `${household.name} scans it with its phone's camera, within ${codeLivesMs / minuteMs} minutes; it works once.`,
        link,
      ]);
    });
}

function householdOf(books: OpenBooks, id: string): Household {
  const household = books.households.find(id as HouseholdId);
  if (household === undefined) throw new Error(`There is no household ${id}.`);
  return household;
}

function address(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw new InvalidArgumentError('an address such as http://192.168.1.20:5000');
}

/** Where phones of the LAN reach this machine; the machine itself while the hub listens to nobody else. */
function usualAddress(): string {
  const { HUB_LISTEN, HTTP_PORT } = configFrom(hubEnvironment());
  const lan = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  const host = HUB_LISTEN === '0.0.0.0' && lan !== undefined ? lan.address : '127.0.0.1';
  return `http://${host}:${HTTP_PORT}`;
}
