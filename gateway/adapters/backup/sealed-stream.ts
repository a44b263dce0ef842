/**
 * A stream under a passphrase: scrypt makes the key, AES-256-GCM locks it chunk by chunk, so that gigabytes pass
 * through little memory and nothing is believed before it is proved. A chunk's number and whether it is the last are
 * part of its nonce: one that is flipped, swapped, repeated or missing opens nothing.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

const magic = Buffer.from('jirani backup 1\n');
const [saltBytes, keyBytes, checkBytes, tagBytes, nonceBytes] = [16, 32, 8, 16, 12];
export const chunkBytes = 64 * 1024;
/** A header that is longer is not ours. */
const headerBytesMost = 4096;
const lastMark = 0x8000_0000;
/** 64 MB and a quarter of a second on a small machine; OWASP's password storage list has N=2^16 with r=8, p=2. */
const usual: ScryptCost = { n: 2 ** 16, r: 8, p: 2 };
export type ScryptCost = { readonly n: number; readonly r: number; readonly p: number };
/** A file that asks for more is not ours, and would take a small machine's memory. */
const [nMost, rMost, pMost] = [2 ** 18, 16, 8];

export const backupKinds = ['data', 'keys'] as const;
export type BackupKind = (typeof backupKinds)[number];

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const headerForm = z.object({
  kind: z.enum(backupKinds),
  hub: z.string().max(200),
  version: z.string().max(50),
  createdAt: z.iso.datetime(),
  kdf: z.object({
    name: z.literal('scrypt'),
    n: z.int().min(2).max(nMost),
    r: z.int().min(1).max(rMost),
    p: z.int().min(1).max(pMost),
    salt: hex(saltBytes),
  }),
  cipher: z.literal('aes-256-gcm'),
  /** Tells a wrong passphrase from a damaged file; made from the same scrypt, it helps nobody to guess. */
  check: hex(checkBytes),
});
type Header = z.infer<typeof headerForm>;
/** What anybody may read of a backup without its passphrase. */
export type BackupLabel = Pick<Header, 'kind' | 'hub' | 'version' | 'createdAt'>;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

async function keyFrom(passphrase: string, { n, r, p, salt }: Header['kdf']) {
  const limits = { N: n, r, p, maxmem: 2 * 128 * n * r };
  const made = await derive(passphrase, Buffer.from(salt, 'hex'), keyBytes + checkBytes, limits);
  return { key: made.subarray(0, keyBytes), check: made.subarray(keyBytes) };
}

type Opened = { readonly key: Buffer; readonly bound: Buffer };

/** Fixes what is not secret, so that none of it can be changed. */
const boundBy = (header: Buffer): Buffer =>
  createHash('sha256').update(magic).update(header).digest();

/** The key is of this file alone, so numbers never repeat under it. */
function nonceOf(number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUIntBE(number, 0, 6);
  nonce[nonceBytes - 1] = isLast ? 1 : 0;
  return nonce;
}

/** Seals what comes; for a pipeline. Memory: one chunk. */
export const sealing = (label: BackupLabel, passphrase: string, cost = usual) =>
  async function* seal(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const kdf = { name: 'scrypt' as const, ...cost, salt: randomBytes(saltBytes).toString('hex') };
    const { key, check } = await keyFrom(passphrase, kdf);
    const whole: Header = { ...label, kdf, cipher: 'aes-256-gcm', check: check.toString('hex') };
    const header = Buffer.from(JSON.stringify(whole));
    yield Buffer.concat([magic, lengthOf(header.length), header]);
    const opened = { key, bound: boundBy(header) };
    let number = 0;
    let waiting: Buffer = Buffer.alloc(0);
    for await (const part of source) {
      waiting = Buffer.concat([waiting, part]);
      while (waiting.length > chunkBytes) {
        yield sealChunk(opened, waiting.subarray(0, chunkBytes), number++, false);
        waiting = waiting.subarray(chunkBytes);
      }
    }
    yield sealChunk(opened, waiting, number, true);
  };

function lengthOf(length: number, isLast = false): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((isLast ? lastMark : 0) + length);
  return bytes;
}

function sealChunk({ key, bound }: Opened, plain: Buffer, number: number, isLast: boolean) {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast));
  cipher.setAAD(bound);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([lengthOf(sealed.length, isLast), sealed]);
}

/** Reads exact numbers of bytes out of a stream. */
function reading(source: AsyncIterable<Buffer>) {
  const parts = source[Symbol.asyncIterator]();
  let waiting: Buffer = Buffer.alloc(0);
  /** Undefined when the source ends before it has given so many. */
  const take = async (bytes: number): Promise<Buffer | undefined> => {
    while (waiting.length < bytes) {
      const next = await parts.next();
      if (next.done === true) return undefined;
      waiting = Buffer.concat([waiting, next.value]);
    }
    const taken = waiting.subarray(0, bytes);
    waiting = waiting.subarray(bytes);
    return taken;
  };
  return { take, close: async () => void (await parts.return?.()) };
}
type Reading = ReturnType<typeof reading>;

const notOurs = 'This is no backup of a Jirani hub.';
const endsEarly = 'The backup ends before its end: it was cut off while it was written or copied.';

async function headerOf(read: Reading): Promise<{ header: Header; bytes: Buffer }> {
  if (!(await read.take(magic.length))?.equals(magic)) throw new Error(notOurs);
  const length = (await read.take(4))?.readUInt32BE() ?? 0;
  if (length === 0 || length > headerBytesMost) throw new Error(notOurs);
  const bytes = await read.take(length);
  if (bytes === undefined) throw new Error(endsEarly);
  const form = headerForm.safeParse(parsed(bytes));
  if (!form.success) throw new Error(notOurs);
  return { header: form.data, bytes };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** What stands on the outside of a backup. Nothing proves it before the backup is opened. */
export async function readLabel(source: AsyncIterable<Buffer>): Promise<BackupLabel> {
  const read = reading(source);
  try {
    const { kind, hub, version, createdAt } = (await headerOf(read)).header;
    return { kind, hub, version, createdAt };
  } finally {
    await read.close();
  }
}

/** Opens what `sealing` made; for a pipeline. Every chunk is proved before it is given on. Throws in words for a keeper. */
export const unsealing = (kind: BackupKind, passphrase: string) =>
  async function* unseal(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const read = reading(source);
    const opened = await openWith(await headerOf(read), kind, passphrase);
    let number = 0;
    let isLast = false;
    while (!isLast) {
      const chunk = await nextChunk(read, number);
      isLast = chunk.isLast;
      yield openChunk(opened, chunk.sealed, number, isLast);
      number += 1;
    }
    if ((await read.take(1)) !== undefined)
      throw new Error('Something follows the end of the backup: it was tampered with.');
  };

async function openWith(
  { header, bytes }: { header: Header; bytes: Buffer },
  kind: BackupKind,
  passphrase: string,
): Promise<Opened> {
  if (header.kind !== kind) throw new Error(otherKind[header.kind]);
  const { key, check } = await keyFrom(passphrase, header.kdf);
  if (timingSafeEqual(check, Buffer.from(header.check, 'hex')))
    return { key, bound: boundBy(bytes) };
  throw new Error('The passphrase does not open this backup.');
}

async function nextChunk(
  read: Reading,
  number: number,
): Promise<{ sealed: Buffer; isLast: boolean }> {
  const word = (await read.take(4))?.readUInt32BE();
  if (word === undefined) throw new Error(endsEarly);
  const isLast = word >= lastMark;
  const length = isLast ? word - lastMark : word;
  if (length < tagBytes || length > chunkBytes + tagBytes) throw new Error(damaged(number));
  const sealed = await read.take(length);
  if (sealed === undefined) throw new Error(endsEarly);
  return { sealed, isLast };
}

const otherKind: Readonly<Record<BackupKind, string>> = {
  data: 'This is a backup of books and readings, not of keys.',
  keys: 'This is a backup of keys, not of books and readings.',
};
const damaged = (number: number): string =>
  `The backup is damaged near byte ${number * chunkBytes}: what is there is not what was written. Use another one.`;

function openChunk({ key, bound }: Opened, sealed: Buffer, number: number, isLast: boolean) {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number, isLast));
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    return Buffer.concat([
      decipher.update(sealed.subarray(0, sealed.length - tagBytes)),
      decipher.final(),
    ]);
  } catch {
    throw new Error(damaged(number));
  }
}
