/** Several files as one stream: each with its name and length before it, and a mark where they end. */
import { createReadStream, createWriteStream, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** A name is at most a folder and a file. */
const memberForm = z.union([
  z.object({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,60}(\/[a-z0-9][a-z0-9.-]{0,60})?$/)
      .refine((name) => !name.includes('..')),
    bytes: z.int().min(0),
  }),
  z.object({ end: z.literal(true), files: z.int().min(0) }),
]);
const wordBytesMost = 1024;

export type Member = { readonly name: string; readonly file: string };

/** The files must not change while they are read. */
export async function* packing(members: readonly Member[]): AsyncGenerator<Buffer> {
  for (const { name, file } of members) {
    const { size: bytes } = statSync(file);
    yield wordOf({ name, bytes });
    let sent = 0;
    for await (const part of createReadStream(file)) {
      sent += (part as Buffer).length;
      yield part as Buffer;
    }
    if (sent !== bytes) throw new Error(`${file} changed while it was read`);
  }
  yield wordOf({ end: true, files: members.length });
}

function wordOf(word: Word): Buffer {
  const text = Buffer.from(JSON.stringify(word));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}

type Word = z.infer<typeof memberForm>;

/** Writes the members into the folder, mode 0600; answers their names. Throws on a name that is not in `known`. */
export async function unpack(
  source: AsyncIterable<Buffer>,
  folder: string,
  known: readonly string[],
): Promise<string[]> {
  const stream = bytesOf(source);
  const names: string[] = [];
  let word = await nextWord(stream);
  while ('name' in word) {
    const { name, bytes } = word;
    if (!known.includes(name) || names.includes(name)) throw new Error(strange);
    await write(join(folder, name), stream.upTo(bytes));
    names.push(name);
    word = await nextWord(stream);
  }
  if (word.files !== names.length) throw new Error(strange);
  // The end of the source proves that nothing was cut off behind this mark.
  await stream.drain();
  return names;
}

async function nextWord(stream: ReturnType<typeof bytesOf>): Promise<Word> {
  const length = (await stream.exactly(2)).readUInt16BE();
  if (length > wordBytesMost) throw new Error(strange);
  const read = memberForm.safeParse(JSON.parse((await stream.exactly(length)).toString('utf8')));
  if (!read.success) throw new Error(strange);
  return read.data;
}

const strange = 'The backup holds what this version does not know: it is of a newer hub.';

async function write(file: string, parts: AsyncIterable<Buffer>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const out = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  const failed = new Promise<never>((_, reject) => out.once('error', reject));
  failed.catch(() => {});
  for await (const part of parts)
    if (!out.write(part))
      await Promise.race([failed, new Promise<void>((go) => out.once('drain', go))]);
  await Promise.race([failed, new Promise<void>((go) => out.end(go))]);
}

function bytesOf(source: AsyncIterable<Buffer>) {
  const parts = source[Symbol.asyncIterator]();
  let waiting: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const next = await parts.next();
    if (next.done === true) throw new Error('The backup ends before its end.');
    waiting = next.value;
  };
  return {
    exactly: async (bytes: number): Promise<Buffer> => {
      const taken: Buffer[] = [];
      for (let left = bytes; left > 0; ) {
        if (waiting.length === 0) await more();
        const part = waiting.subarray(0, left);
        waiting = waiting.subarray(part.length);
        taken.push(part);
        left -= part.length;
      }
      return Buffer.concat(taken);
    },
    async *upTo(bytes: number): AsyncGenerator<Buffer> {
      for (let left = bytes; left > 0; ) {
        if (waiting.length === 0) await more();
        const part = waiting.subarray(0, left);
        waiting = waiting.subarray(part.length);
        left -= part.length;
        yield part;
      }
    },
    drain: async (): Promise<void> => {
      while ((await parts.next()).done !== true);
    },
  };
}
