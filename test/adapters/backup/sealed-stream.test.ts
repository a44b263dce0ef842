/** What a backup on a lost or broken disk can do to a keeper: nothing but say what is wrong with it. */
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { labelOf, readBackup } from '../../../gateway/adapters/backup/read-backup.ts';
import { chunkBytes } from '../../../gateway/adapters/backup/sealed-stream.ts';
import { writeBackup } from '../../../gateway/adapters/backup/write-backup.ts';

const passphrase = 'under the third mango tree';
const label = {
  ...{ kind: 'data' as const, hub: 'Umoja', version: '0.1.0' },
  createdAt: '2026-11-25T23:30:12Z',
};
/** Many are opened here. */
const cost = { n: 1024, r: 8, p: 1 };
const known = ['books.db', 'flows/flows.json'];

function aPlace() {
  const path = mkdtempSync(join(tmpdir(), 'jirani-backup-'));
  const books = randomBytes(3 * chunkBytes + 17);
  writeFileSync(join(path, 'books'), books);
  writeFileSync(join(path, 'flows'), '[]');
  const members = [
    { name: 'books.db', file: join(path, 'books') },
    { name: 'flows/flows.json', file: join(path, 'flows') },
  ];
  const file = join(path, 'a.backup');
  let opened = 0;
  return {
    ...{ path, file, books, members },
    write: () => writeBackup({ file, label, passphrase, members, cost }),
    /** Opens it, or what somebody made of it. */
    open: (bytes?: Buffer, words = passphrase, names = known) => {
      const folder = join(path, `opened-${opened++}`);
      mkdirSync(folder);
      if (bytes !== undefined) writeFileSync(file, bytes);
      return readBackup({ file, kind: 'data', passphrase: words, folder, known: names }).then(
        () => folder,
      );
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

async function refused(work: Promise<unknown>, words: RegExp): Promise<void> {
  const error = await work.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  assert.match(error?.message ?? 'it was opened', words);
}

/** Where each chunk begins, behind the header. */
function chunksOf(bytes: Buffer): { begin: number; end: number }[] {
  let at = bytes.indexOf('\n') + 1;
  at += 4 + bytes.readUInt32BE(at);
  const chunks: { begin: number; end: number }[] = [];
  while (at < bytes.length) {
    const end = at + 4 + (bytes.readUInt32BE(at) & 0x7fff_ffff);
    chunks.push({ begin: at, end });
    at = end;
  }
  return chunks;
}

const sealed = suite('a sealed backup');

sealed('opens to what was put in, and shows nothing of it from outside', async () => {
  using place = aPlace();
  await place.write();
  const folder = await place.open();
  assert.ok(readFileSync(join(folder, 'books.db')).equals(place.books));
  assert.is(readFileSync(join(folder, 'flows/flows.json'), 'utf8'), '[]');
  assert.is(statSync(join(folder, 'books.db')).mode & 0o777, 0o600);
  assert.is(statSync(place.file).mode & 0o777, 0o600);
  assert.equal(await labelOf(place.file), label);
  assert.not(readFileSync(place.file).includes(place.books.subarray(0, 64)));
});

sealed('another passphrase opens nothing, and the keeper is told so', async () => {
  using place = aPlace();
  await place.write();
  await refused(place.open(undefined, 'under the fourth mango tree'), /passphrase does not open/);
});

sealed('a byte flipped anywhere is found', async () => {
  using place = aPlace();
  await place.write();
  const whole = readFileSync(place.file);
  for (const { begin, end } of chunksOf(whole))
    for (const at of [begin, begin + 5, Math.floor((begin + end) / 2), end - 1]) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await refused(place.open(flipped), /damaged|cut off/);
    }
  const inName = Buffer.from(whole);
  inName.write('Umojb', whole.indexOf('Umoja'));
  await refused(place.open(inName), /damaged/);
});

sealed('cut off anywhere, also between two chunks, it says so', async () => {
  using place = aPlace();
  await place.write();
  const whole = readFileSync(place.file);
  const ends = chunksOf(whole)
    .slice(0, -1)
    .map(({ end }) => end);
  for (const length of [...ends, 30, 300, whole.length - 1])
    await refused(place.open(whole.subarray(0, length)), /cut off/);
  await refused(place.open(Buffer.alloc(0)), /no backup of a Jirani hub/);
  await refused(place.open(Buffer.from('PK\x03\x04 something else entirely')), /no backup/);
});

sealed('chunks that are swapped, left out, repeated or added are found', async () => {
  using place = aPlace();
  await place.write();
  const whole = readFileSync(place.file);
  const chunks = chunksOf(whole);
  const head = whole.subarray(0, chunks[0]?.begin);
  const parts = chunks.map(({ begin, end }) => whole.subarray(begin, end));
  const [first = head, second = head, ...rest] = parts;
  const last = parts.at(-1) ?? head;
  const tampered: [Buffer[], RegExp][] = [
    [[second, first, ...rest], /damaged near byte 0/],
    [[second, ...rest], /damaged/],
    [[first, first, second, ...rest], new RegExp(`damaged near byte ${chunkBytes}`)],
    [[first, last], /damaged/],
    [[...parts, last], /follows the end/],
  ];
  for (const [made, words] of tampered)
    await refused(place.open(Buffer.concat([head, ...made])), words);
});

sealed('a backup of keys is not opened as books, and a strange name is not written', async () => {
  using place = aPlace();
  await writeBackup({ ...place, label: { ...label, kind: 'keys' }, passphrase });
  await refused(place.open(), /backup of keys, not of books/);
  rmSync(place.file);
  await place.write();
  await refused(place.open(undefined, passphrase, ['books.db']), /newer hub/);
});

const writing = suite('writing a backup');

writing(
  'on a full disk it says so, leaves nothing behind, and the old ones are untouched',
  async () => {
    using place = aPlace();
    await place.write();
    const before = readFileSync(place.file);
    let room = chunkBytes;
    const openDisk = (part: string): Writable => {
      writeFileSync(part, '');
      return new Writable({
        write(chunk: Buffer, _encoding, done) {
          room -= chunk.length;
          const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          done(room < 0 ? full : null);
        },
      });
    };
    const file = join(place.path, 'b.backup');
    await refused(
      writeBackup({ ...place, file, label, passphrase, openDisk }),
      /No room for a backup in .*the disk is full.*untouched.*BACKUP_DIR/s,
    );
    assert.equal(readdirSync(place.path).sort(), ['a.backup', 'books', 'flows']);
    assert.ok(readFileSync(place.file).equals(before));
  },
);

writing('never writes over what is there', async () => {
  using place = aPlace();
  writeFileSync(place.file, 'the only one');
  await refused(place.write(), /is there already/);
  assert.is(readFileSync(place.file, 'utf8'), 'the only one');
});

sealed.run();
writing.run();
