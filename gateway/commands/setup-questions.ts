/** Asks a technician at the terminal, one thing after the other; what is there already is offered. Secrets stay dark. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { z } from 'zod';
import {
  type Answers,
  clusters,
  county,
  environments,
  type NewHousehold,
  passphrase,
  phone,
  roles,
  schemes,
  shortId,
  tunnels,
} from './setup-answers.ts';

type Known = Readonly<Record<string, string | undefined>>;

export type Talk = Disposable & {
  /** Until it fits; an empty line takes what is offered. Undefined when nothing is offered and nothing typed. */
  ask<T>(words: string, form: z.ZodType<T, string>, offered?: string): Promise<T | undefined>;
  /** As `ask`; what is typed is not shown, and what is there is not either. */
  askDark(
    words: string,
    form: z.ZodType<string, string>,
    isThere: boolean,
  ): Promise<string | undefined>;
  say(line: string): void;
};

type Screen = { readonly isTTY?: boolean } & NodeJS.WritableStream;

/** Throws when nobody sits there. */
export function openTalk(
  input: NodeJS.ReadStream = process.stdin,
  screen: Screen = process.stdout,
): Talk {
  if (!input.isTTY) throw new Error('Nobody is here to ask: scripts/hub setup --answers FILE');
  let dark = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!dark) screen.write(chunk);
      done();
    },
  });
  const line = createInterface({ input, output, terminal: true });
  const gone = new AbortController();
  line.once('close', () => gone.abort());
  const read = (): Promise<string> => line.question('', { signal: gone.signal });
  const until = async <T>(
    words: string,
    form: z.ZodType<T, string>,
    isDark: boolean,
  ): Promise<T | undefined> => {
    for (;;) {
      screen.write(words);
      dark = isDark;
      const typed = (await read()).trim();
      dark = false;
      if (isDark) screen.write('\n');
      if (typed === '') return undefined;
      const answer = form.safeParse(typed);
      if (answer.success) return answer.data;
      screen.write(`  ${answer.error.issues[0]?.message ?? 'That does not fit.'}\n`);
    }
  };
  return {
    ask: async (words, form, offered) => {
      const prompt = offered === undefined ? `${words}: ` : `${words} [${offered}]: `;
      const typed = await until(prompt, form, false);
      return typed ?? (offered === undefined ? undefined : form.parse(offered));
    },
    askDark: (words, form, isThere) =>
      until(`${words}${isThere ? ' [is set; Enter keeps it]' : ''}: `, form, true),
    say: (text) => void screen.write(`${text}\n`),
    [Symbol.dispose]: () => line.close(),
  };
}

const text = z.string().trim().min(1);
const yesNo = z
  .string()
  .regex(/^(y|yes|n|no|ndiyo|hapana)$/i, 'yes or no')
  .transform((typed) => /^(y|ndiyo)/i.test(typed));

/** `known`: the settings so far. */
export async function askEverything(talk: Talk, known: Known): Promise<Answers> {
  talk.say('Jirani is set up. Enter keeps what stands in brackets; Ctrl-C ends without a change.');
  const name = await talk.ask('Name of this hub', text, known['HUB_NAME'] ?? 'Jirani');
  const where = await talk.ask('County (name or number)', county);
  const scheme = await talk.ask(
    `Who bills what (${schemes.join(', ')})`,
    z.enum(schemes),
    known['SCHEME'],
  );
  const isLan = known['HUB_LISTEN'] === '0.0.0.0';
  const lan = await talk.ask(
    'May phones and meters of the LAN reach it',
    yesNo,
    isLan ? 'yes' : 'no',
  );
  const mpesa = await askMpesa(talk, known);
  const way = mpesa?.environment === 'simulator' ? {} : await askWay(talk, known);
  const chain = await askChain(talk, known);
  const sealed = known['BACKUP_PASSPHRASE_PATH'] !== undefined;
  const backupPassphrase = await talk.askDark(
    'Passphrase for backups (write it on paper)',
    passphrase,
    sealed,
  );
  const households = await askHouseholds(talk);
  return { name, county: where, scheme, lan, mpesa, ...way, chain, backupPassphrase, households };
}

async function askMpesa(talk: Talk, known: Known): Promise<Answers['mpesa']> {
  const environment = await talk.ask(
    `M-Pesa (${environments.join(', ')})`,
    z.enum(environments),
    known['MPESA_ENVIRONMENT'] ?? 'simulator',
  );
  if (environment === undefined || environment === 'simulator') return { environment: 'simulator' };
  const dark = (words: string, name: string) =>
    talk.askDark(words, text, known[name] !== undefined);
  return {
    environment,
    consumerKey: await dark('Consumer key', 'MPESA_CONSUMER_KEY'),
    consumerSecret: await dark('Consumer secret', 'MPESA_CONSUMER_SECRET'),
    shortcode: await talk.ask('Shortcode', text, known['MPESA_BUSINESS_SHORTCODE']),
    passkey: await dark('Passkey', 'MPESA_PASSKEY'),
    initiatorName: await talk.ask('Initiator’s name', text, known['MPESA_INITIATOR_NAME']),
    initiatorPassword: await dark('Initiator’s password', 'MPESA_INITIATOR_PASSWORD'),
    certificate: await talk.ask(
      'File of M-Pesa’s certificate',
      text,
      known['MPESA_CERTIFICATE_PATH'],
    ),
  };
}

async function askWay(talk: Talk, known: Known): Promise<Pick<Answers, 'tunnel' | 'callbackUrl'>> {
  const words = `How M-Pesa reaches it (${tunnels.join(', ')})`;
  const tunnel = await talk.ask(words, z.enum(tunnels), known['TUNNEL'] ?? 'static');
  if (tunnel !== 'static' && tunnel !== 'none') return { tunnel };
  const callbackUrl = await talk.ask('Its public address', z.url(), known['PAYMENT_CALLBACK_URL']);
  return { tunnel, callbackUrl };
}

async function askChain(talk: Talk, known: Known): Promise<Answers['chain']> {
  const words = `Where tokens live (${clusters.join(', ')})`;
  const cluster = await talk.ask(words, z.enum(clusters), known['SOLANA_CLUSTER'] ?? 'embedded');
  if (cluster === undefined || cluster === 'embedded') return { cluster: 'embedded' };
  return {
    cluster,
    rpcUrls: await talk.ask('Its nodes, commas between', text, known['SOLANA_RPC_URLS']),
  };
}

async function askHouseholds(talk: Talk): Promise<NewHousehold[]> {
  const all: NewHousehold[] = [];
  for (;;) {
    const id = await talk.ask('Id of a household, such as h07 (Enter: no more)', shortId);
    if (id === undefined) return all;
    const name = (await talk.ask('  its name', text)) ?? id;
    const number = await talk.ask('  its M-Pesa number', phone);
    if (number === undefined) {
      talk.say('  Left out: a household needs a number.');
      continue;
    }
    const role =
      (await talk.ask(`  its role (${roles.join(', ')})`, z.enum(roles), 'both')) ?? 'both';
    const hasSun = await talk.ask(
      '  a second meter, at its panels',
      yesNo,
      role === 'buyer' ? 'no' : 'yes',
    );
    all.push({
      ...{ id, name, phone: number, role, language: 'sw' },
      meters: hasSun === true ? ['grid', 'pv'] : ['grid'],
    });
  }
}
