/** Seals secrets with a passphrase: scrypt makes the key, AES-256-GCM locks. The parameters stand in the file. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { z } from 'zod';

const [saltBytes, nonceBytes, keyBytes] = [16, 12, 32];
/** 80 ms and 32 MB on a small machine; OWASP's password storage list has N=2^15 with r=8, p=3 or more for logins. */
const usual = { n: 2 ** 15, r: 8, p: 1 };
/** A file that asks for more is not ours. */
const [nMax, rMax, pMax] = [2 ** 20, 16, 8];
const cipherName = 'aes-256-gcm';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const sealedForm = z.object({
  version: z.literal(1),
  kdf: z.object({
    name: z.literal('scrypt'),
    n: z.int().min(2).max(nMax),
    r: z.int().min(1).max(rMax),
    p: z.int().min(1).max(pMax),
    salt: hex(saltBytes),
  }),
  cipher: z.literal(cipherName),
  nonce: hex(nonceBytes),
  tag: hex(16),
  sealed: z.string().regex(/^[0-9a-f]+$/),
});

type Kdf = { readonly n: number; readonly r: number; readonly p: number; readonly salt: string };

/** The text of a keystore file. */
export function seal(secrets: Readonly<Record<string, string>>, passphrase: string): string {
  const kdf = { ...usual, salt: randomBytes(saltBytes).toString('hex') };
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, keyFrom(passphrase, kdf), nonce);
  cipher.setAAD(parametersOf(kdf));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  const file = {
    version: 1,
    kdf: { name: 'scrypt', ...kdf },
    cipher: cipherName,
    nonce: nonce.toString('hex'),
    tag: cipher.getAuthTag().toString('hex'),
    sealed: sealed.toString('hex'),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Throws, without a word of what is inside, when the file is damaged or the passphrase is another one. */
export function unseal(text: string, passphrase: string): Record<string, string> {
  const file = sealedForm.safeParse(parsed(text));
  if (!file.success) throw new Error("the keystore is damaged: restore the key folder's backup");
  const { kdf, nonce, tag, sealed } = file.data;
  const decipher = createDecipheriv(
    cipherName,
    keyFrom(passphrase, kdf),
    Buffer.from(nonce, 'hex'),
  );
  decipher.setAAD(parametersOf(kdf));
  decipher.setAuthTag(Buffer.from(tag, 'hex'));
  try {
    const opened = Buffer.concat([decipher.update(Buffer.from(sealed, 'hex')), decipher.final()]);
    return z.record(z.string(), z.string()).parse(JSON.parse(opened.toString('utf8')));
  } catch {
    throw new Error('the passphrase does not open the keystore');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is not secret is still not to be changed. */
const parametersOf = ({ n, r, p, salt }: Kdf): Buffer =>
  Buffer.from(`jirani keystore 1 scrypt ${n} ${r} ${p} ${salt}`);

/** scrypt needs 128 N r bytes, which is exactly Node's usual limit at N=2^15. */
const keyFrom = (passphrase: string, { n, r, p, salt }: Kdf): Buffer =>
  scryptSync(passphrase, Buffer.from(salt, 'hex'), keyBytes, {
    ...{ N: n, r, p, maxmem: 2 * 128 * n * r },
  });
