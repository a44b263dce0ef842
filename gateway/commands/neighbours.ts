/** Commands that enrol people and meters, straight in the books: they also work while the hub is down. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { hashOf } from '../adapters/ids/ids.ts';
import { labelOf } from '../adapters/meters/setup-label.ts';
import { mosquittoHashOf } from '../adapters/mosquitto/password-hash.ts';
import { type OpenBooks, openBooks } from '../adapters/sqlite/open.ts';
import type { Household } from '../core/household.ts';
import type { HouseholdId, MeterId } from '../core/ids.ts';
import { type Msisdn, maskPhone, readPhone } from '../core/phone.ts';
import { epochMs } from '../core/units.ts';
import { enrolHousehold } from '../steps/enrol-household.ts';
import { type MeterProblem, registerMeter } from '../steps/register-meter.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { householdGiftCommand } from './household-gift.ts';
import { householdSessionCommands } from './household-session.ts';
import { householdWalletCommand } from './household-wallet.ts';
import { meterOrdersCommand } from './meter-orders.ts';
import {
  type FlashOptions,
  hubHost,
  labelLines,
  meterSetupCommands,
  writeFlashFile,
} from './meter-setup.ts';
import { table } from './table.ts';

type Json = { readonly json?: boolean };
type Add = Json & {
  readonly id: string;
  readonly name: string;
  readonly phone: Msisdn;
  readonly role: Household['role'];
  readonly language: Household['language'];
};

function open(): OpenBooks {
  const { HUB_DATA_DIR } = configFrom(hubEnvironment());
  mkdirSync(HUB_DATA_DIR, { recursive: true, mode: 0o700 });
  const file = join(HUB_DATA_DIR, 'books.db');
  const isNew = !existsSync(file);
  const books = openBooks(file);
  // Most likely the wrong folder, when somebody thinks that people live in it.
  if (isNew) console.error(`These are new books in ${HUB_DATA_DIR}.`);
  return books;
}

const print = (value: unknown, json: boolean | undefined, line: string): void =>
  void process.stdout.write(`${json ? JSON.stringify(value, null, 2) : line}\n`);

function phone(text: string): Msisdn {
  const read = readPhone(text);
  if (read.ok) return read.value;
  throw new InvalidArgumentError('a Kenyan mobile number such as 0712345678 is needed');
}

function shortId(text: string): string {
  if (/^[a-z0-9-]{1,32}$/.test(text)) return text;
  throw new InvalidArgumentError('1 to 32 lower-case letters, digits and dashes');
}

const masked = ({ phone: number, ...household }: Household) => ({
  ...household,
  phone: maskPhone(number),
});

/** Adds `households add|list|show|wallet|pin|qr`. */
export function householdsCommand(program: Command): void {
  const households = program.command('households').description('who lives here');
  households
    .command('add')
    .description('enrol a household')
    .requiredOption('--id <id>', 'short and lower case, such as h07', shortId)
    .requiredOption('--name <name>', 'as the neighbours call it')
    .requiredOption('--phone <number>', 'its M-Pesa number', phone)
    .addOption(new Option('--role <role>').choices(['seller', 'buyer', 'both']).default('both'))
    .addOption(new Option('--language <language>').choices(['en', 'sw']).default('sw'))
    .option('--json')
    .action(({ id, name, phone: number, role, language, json }: Add) => {
      using books = open();
      const order = { id: id as HouseholdId, name, phone: number, role, language };
      const enrolled = enrolHousehold({ books }, order, epochMs(Date.now()));
      if (!enrolled.ok)
        throw new Error(
          enrolled.error === 'id-taken'
            ? `There is a household ${id} already.`
            : 'Another household has that phone.',
        );
      const household = enrolled.value;
      print(
        masked(household),
        json,
        `${name} is enrolled as ${id}; its payment code is ${household.code}.`,
      );
    });
  householdWalletCommand(households);
  householdGiftCommand(households);
  householdSessionCommands(households, open);
  households
    .command('list')
    .description('every household')
    .option('--json')
    .action(({ json }: Json) => {
      using books = open();
      const all = books.households.all().map(masked);
      print(
        all,
        json,
        table(all.map(({ id, phone: number, role, name }) => [id, number, role, name])).join('\n'),
      );
    });
  households
    .command('show <id>')
    .description('one household and its standing rule')
    .option('--json')
    .action((id: string, { json }: Json) => {
      using books = open();
      const household = books.households.find(id as HouseholdId);
      if (household === undefined) throw new Error(`There is no household ${id}.`);
      const rule = books.households.ruleOf(household.id, epochMs(Date.now()));
      const shown = { ...masked(household), rule };
      print(shown, json, JSON.stringify(shown, null, 2));
    });
}

const passwordBytes = 24;

/** A new password, with what the books and Mosquitto keep of it. */
export function newPassword() {
  const password = randomBytes(passwordBytes).toString('base64url');
  return { password, hash: hashOf(password), mosquittoHash: mosquittoHashOf(password) };
}

/** Ed25519 public keys have 32 bytes: RFC 8032 section 5.1.5. */
function publicKey(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('an Ed25519 public key is 64 hex digits');
}

type AddMeter = FlashOptions & {
  readonly household: string;
  readonly id?: string;
  readonly place: 'grid' | 'pv';
  readonly publicKey?: string;
};

/** Adds `meters add|list|password|revoke|flash-config|trust-key|command`. */
export function metersCommand(program: Command): void {
  const meters = program.command('meters').description('meters of the households');
  meters
    .command('add')
    .description("register a household's meter; the password is shown once")
    .requiredOption('--household <id>', 'whose meter it is')
    .option('--id <id>', 'the meter id; made from the household otherwise', shortId)
    .addOption(new Option('--place <place>').choices(['grid', 'pv']).default('grid'))
    .option(
      '--public-key <hex>',
      "the meter's Ed25519 key; its readings must then be signed",
      publicKey,
    )
    .option('--out <file>', 'also write the file that the meter is flashed with')
    .option('--hub <host>', 'where the meter finds this hub, for that file', hubHost)
    .option('--json')
    .action(addMeter);
  meterSetupCommands(meters, { open, newSecret: newPassword });
  meterOrdersCommand(meters);
  meters
    .command('list')
    .description('every registered meter')
    .option('--json')
    .action(({ json }: Json) => {
      using books = open();
      const all = books.households
        .registrations()
        .map(({ meter, household, place }) => ({ meter, household, place }));
      const rows = all.map(({ meter, household, place }) => [meter, household, place]);
      print(all, json, table(rows).join('\n'));
    });
  meters
    .command('password <id>')
    .description('give a meter a new password, shown once; the old one ends')
    .option('--json')
    .action((id: string, { json }: Json) => {
      using books = open();
      const { password, hash, mosquittoHash } = newPassword();
      if (!books.households.setPassword(id as MeterId, hash, mosquittoHash))
        throw new Error(`There is no meter ${id}.`);
      print({ meterId: id, username: id, password }, json, userLine(id, password));
    });
  meters
    .command('revoke <id>')
    .description('end a meter; its readings stay')
    .action((id: string) => {
      using books = open();
      if (!books.households.revoke(id as MeterId, epochMs(Date.now())))
        throw new Error(`There is no meter ${id}.`);
      print(undefined, false, `Meter ${id} is revoked.`);
    });
}

function addMeter({ household, id, place, publicKey: key, json, out, hub }: AddMeter): void {
  using books = open();
  const { password, hash, mosquittoHash } = newPassword();
  const added = registerMeter(
    { books },
    {
      ...{ household: household as HouseholdId, meter: id as MeterId | undefined, place },
      ...{ passwordHash: hash, mosquittoHash, publicKey: key },
    },
    epochMs(Date.now()),
  );
  if (!added.ok)
    throw new Error(meterWords[added.error](household, id ?? `m-${household}-${place}`));
  const meterId = added.value;
  const { claim, text } = labelOf(meterId, password);
  const flashed =
    out === undefined ? undefined : writeFlashFile(meterId, password, { out, ...(hub && { hub }) });
  const shown = {
    ...{ meterId, household, place, username: meterId, password, claim, label: text },
    ...(key && { publicKey: key }),
    ...flashed,
  };
  const lines = [userLine(meterId, password), ...labelLines(meterId, password)];
  if (flashed) lines.push(`Written: ${flashed.file} (for ${flashed.hub}).`);
  print(shown, json, lines.join('\n'));
}

const meterWords: Record<MeterProblem, (household: string, id: string) => string> = {
  'unknown-household': (household) => `There is no household ${household}.`,
  registered: (_, id) => `Meter ${id} is registered already.`,
  'used-before': (_, id) => `Meter ${id} was revoked, and ids are not used again: choose another.`,
};

const userLine = (id: string, password: string): string =>
  `Meter ${id}: user ${id}, password ${password} (not shown again)`;
