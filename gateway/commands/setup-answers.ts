/** What a technician decides when a hub is set up: the form of the answers, from a file or from the terminal. */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { counties, countiesLike, countyOf } from '../core/counties.ts';
import { readPhone } from '../core/phone.ts';

const text = z.string().trim().min(1);
const secretLengthLeast = 12;

export const county = text.transform((typed, check) => {
  const found = countyOf(typed);
  if (found !== undefined) return found;
  const like = countiesLike(typed);
  const hint = like.length > 0 ? `perhaps ${like.join(', ')}?` : `such as ${counties[46]?.name}`;
  check.addIssue({ code: 'custom', message: `no county of Kenya; ${hint}` });
  return z.NEVER;
});
export const phone = text.transform((typed, check) => {
  const read = readPhone(typed);
  if (read.ok) return read.value;
  check.addIssue({ code: 'custom', message: 'a Kenyan mobile number such as 0712345678' });
  return z.NEVER;
});
export const shortId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, '1 to 32 lower-case letters, digits and dashes');
export const passphrase = z
  .string()
  .min(secretLengthLeast, `at least ${secretLengthLeast} characters`);
export const schemes = ['mini-grid', 'credit', 'certificate'] as const;
export const roles = ['seller', 'buyer', 'both'] as const;
export const environments = ['simulator', 'sandbox', 'production'] as const;
export const clusters = ['embedded', 'devnet', 'mainnet-beta'] as const;
export const tunnels = ['static', 'localtunnel', 'command', 'none'] as const;

const household = z.strictObject({
  id: shortId,
  name: text,
  phone,
  role: z.enum(roles).default('both'),
  language: z.enum(['en', 'sw']).default('sw'),
  meters: z
    .array(z.enum(['grid', 'pv']))
    .max(2)
    .default(['grid']),
});
export type NewHousehold = z.infer<typeof household>;

/** Everything may be left out: what is not answered stays as it is. */
const form = z.strictObject({
  name: text.optional(),
  county: county.optional(),
  scheme: z.enum(schemes).optional(),
  /** Whether phones and meters of the LAN reach the hub. */
  lan: z.boolean().optional(),
  mpesa: z
    .strictObject({
      environment: z.enum(environments),
      consumerKey: text.optional(),
      consumerSecret: text.optional(),
      shortcode: text.optional(),
      passkey: text.optional(),
      initiatorName: text.optional(),
      initiatorPassword: text.optional(),
      certificate: text.optional(),
      /** For a simulator elsewhere; never for the real one. */
      baseUrl: z.url().optional(),
    })
    .optional(),
  tunnel: z.enum(tunnels).optional(),
  callbackUrl: z.url().optional(),
  chain: z.strictObject({ cluster: z.enum(clusters), rpcUrls: text.optional() }).optional(),
  backupPassphrase: passphrase.optional(),
  households: z.array(household).max(500).optional(),
});
export type Answers = z.infer<typeof form>;

/** From a file that nobody else may read: it holds keys. Throws every problem at once, and no value. */
export function readAnswers(file: string): Answers {
  if ((statSync(file).mode & 0o077) !== 0)
    throw new Error(`${file} can be read by others, and it holds keys: chmod 600 it`);
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The parser would quote what it stumbled over.
    throw new Error(`${file} is no JSON`);
  }
  const read = form.safeParse(found);
  if (read.success) return read.data;
  const lines = read.error.issues.map(({ path, message }) => `  - ${path.join('.')}: ${message}`);
  throw new Error(`The answers in ${file} are not right:\n${lines.join('\n')}`);
}
