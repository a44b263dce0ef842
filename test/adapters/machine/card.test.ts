import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lookAtCard, openFilesMost } from '../../../gateway/adapters/machine/card.ts';

const looking = suite('looking at the card');

looking('tells what is free, how large the hub’s files are, and nothing of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'card-'));
  writeFileSync(join(folder, 'books.db'), Buffer.alloc(1_000));
  writeFileSync(join(folder, 'operator-token'), 'secret');
  const { freeBytes, sizeBytes, files } = lookAtCard(folder);
  assert.ok(freeBytes > 0 && freeBytes <= sizeBytes);
  assert.equal(files, { books: 1_000 });
  rmSync(folder, { recursive: true });
  assert.throws(() => lookAtCard(folder));
});

looking('reads how many files may be open, or says that nobody tells', () => {
  const folder = mkdtempSync(join(tmpdir(), 'card-'));
  const file = join(folder, 'limits');
  writeFileSync(
    file,
    'Limit  Soft Limit\nMax open files            16384                524288       files\n',
  );
  assert.is(openFilesMost(file), 16_384);
  assert.is(openFilesMost(join(folder, 'none')), undefined);
  rmSync(folder, { recursive: true });
});

looking.run();
