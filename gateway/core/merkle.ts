/**
 * A Merkle tree as RFC 6962, section 2.1, has it: leaves and nodes are hashed with different first bytes, so that
 * neither can be taken for the other. Whoever keeps the root can check any leaf with a short path.
 */

/** SHA-256, given by whoever calls. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

const [leafByte, nodeByte] = [0, 1];

export const hashLeaf = (hash: Hash, bytes: Uint8Array): Uint8Array =>
  hash(joined(leafByte, bytes, new Uint8Array()));

const hashNode = (hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array =>
  hash(joined(nodeByte, left, right));

/** Of leaf hashes in order; at least one. */
export function rootOf(hash: Hash, leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) throw new Error('a tree has at least one leaf');
  if (leaves.length === 1) return only;
  const half = splitOf(leaves.length);
  return hashNode(hash, rootOf(hash, leaves.slice(0, half)), rootOf(hash, leaves.slice(half)));
}

/** The hashes that a leaf lacks on its way to the root, the nearest first. */
export function pathOf(hash: Hash, leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  if (index < 0 || index >= leaves.length) throw new Error('no such leaf');
  if (leaves.length === 1) return [];
  const half = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...pathOf(hash, left, index), rootOf(hash, right)]
    : [...pathOf(hash, right, index - half), rootOf(hash, left)];
}

/** The root that a leaf hash, its place and its path lead to; undefined for a path of another length. */
export function rootFrom(
  hash: Hash,
  leaf: Uint8Array,
  place: { readonly index: number; readonly size: number },
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  const sides = sidesOf(place);
  if (place.index >= place.size || sides.length !== path.length) return undefined;
  return path.reduce(
    (found, next, step) =>
      sides[step] === 'left' ? hashNode(hash, next, found) : hashNode(hash, found, next),
    leaf,
  );
}

/** On which side each hash of a path stands, the nearest first; a node without a neighbour moves up alone. */
function sidesOf({ index, size }: { readonly index: number; readonly size: number }) {
  const sides: ('left' | 'right')[] = [];
  let [node, last] = [index, size - 1];
  while (last > 0) {
    if (node % 2 === 1) sides.push('left');
    else if (node < last) sides.push('right');
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return sides;
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function joined(first: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  const all = new Uint8Array(1 + left.length + right.length);
  all[0] = first;
  all.set(left, 1);
  all.set(right, 1 + left.length);
  return all;
}
