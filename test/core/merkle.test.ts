import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashLeaf, pathOf, rootFrom, rootOf } from '../../gateway/core/merkle.ts';
import { hexOf } from '../../gateway/core/receipt.ts';

const trees = suite('the tree of a day');
const hash = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const leaves = (count: number) =>
  Array.from({ length: count }, (_, index) => hashLeaf(hash, Buffer.from(`receipt ${index}`)));

trees('has the hashes of RFC 6962, as Certificate Transparency publishes them', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'];
  const known = inputs.map((hex) => hashLeaf(hash, Buffer.from(hex, 'hex')));
  assert.is(
    hexOf(rootOf(hash, known.slice(0, 1))),
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
  assert.is(
    hexOf(rootOf(hash, known.slice(0, 2))),
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  );
  assert.is(
    hexOf(rootOf(hash, known.slice(0, 3))),
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  );
  assert.is(
    hexOf(rootOf(hash, known)),
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  );
});

trees('of 1 to 1000 leaves: every leaf’s path leads to the root', () => {
  const all = leaves(1000);
  for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 511, 513, 1000]) {
    const some = all.slice(0, size);
    const root = hexOf(rootOf(hash, some));
    const step = size > 100 ? 37 : 1;
    for (let index = 0; index < size; index += step) {
      const path = pathOf(hash, some, index);
      assert.ok(path.length <= 10);
      const found = rootFrom(hash, all[index] as Uint8Array, { index, size }, path);
      assert.is(found && hexOf(found), root, `${index} of ${size}`);
    }
  }
});

trees('no other leaf, place, size or path leads there', () => {
  const sizes = fc.integer({ min: 2, max: 300 });
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat({ max: 255 }), (size, one, other, bit) => {
      const some = leaves(size);
      const root = hexOf(rootOf(hash, some));
      const [index, wrong] = [one % size, other % size];
      const path = pathOf(hash, some, index);
      const leadsTo = (leaf: Uint8Array, at: number, hashes: Uint8Array[]) => {
        const found = rootFrom(hash, leaf, { index: at, size }, hashes);
        return found !== undefined && hexOf(found) === root;
      };
      const leaf = some[index] as Uint8Array;
      const turned = path.map((each, at) => {
        const copy = Uint8Array.from(each);
        if (at === other % path.length) copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return copy;
      });
      return (
        leadsTo(leaf, index, path) &&
        (wrong === index || !leadsTo(some[wrong] as Uint8Array, index, path)) &&
        (wrong === index || !leadsTo(leaf, wrong, path)) &&
        !leadsTo(leaf, index, turned) &&
        !leadsTo(leaf, index, path.slice(1)) &&
        !leadsTo(leaf, index, [...path, leaf]) &&
        !leadsTo(leaf, size, path)
      );
    }),
    { numRuns: 100 },
  );
});

trees('a node is never taken for a leaf', () => {
  const [left, right] = leaves(2) as [Uint8Array, Uint8Array];
  const asLeaf = hashLeaf(hash, Buffer.concat([left, right]));
  assert.is.not(hexOf(asLeaf), hexOf(rootOf(hash, [left, right])));
});

trees.run();
