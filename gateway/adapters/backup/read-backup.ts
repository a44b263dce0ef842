/** Opens a backup into a folder, proving every byte on the way. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { unpack } from './members.ts';
import { type BackupKind, type BackupLabel, readLabel, unsealing } from './sealed-stream.ts';

/** What stands on its outside. Throws when it is no backup. */
export const labelOf = (file: string): Promise<BackupLabel> => readLabel(createReadStream(file));

export type Unpacking = {
  readonly file: string;
  readonly kind: BackupKind;
  readonly passphrase: string;
  /** Empty; what it holds after an error is worth nothing. */
  readonly folder: string;
  readonly known: readonly string[];
};

/** Answers the names of what is in it. Throws in words for a keeper. */
export async function readBackup(unpacking: Unpacking): Promise<string[]> {
  const { file, kind, passphrase, folder, known } = unpacking;
  let names: string[] = [];
  await pipeline(
    createReadStream(file),
    unsealing(kind, passphrase),
    createZstdDecompress(),
    async (source: AsyncIterable<Buffer>) => {
      names = await unpack(source, folder, known);
    },
  );
  return names;
}
