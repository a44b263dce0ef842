/** Checks a receipt where it lies: by arithmetic here, and by asking a Solana node that the reader chose. */

const memoProgram = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr';
const waitMs = 15_000;
const hash64 = /^[0-9a-f]{64}$/;
const text = new TextEncoder();

const hexOf = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const turned = (word, by) => (word >>> by) | (word << (32 - by));

/** FIPS 180-4, section 4.2.2: the first 32 bits of what follows the point in roots of the first primes. */
function rootsOf(power, count) {
  const found = [];
  for (let number = 2; found.length < count; number++) {
    let prime = true;
    for (let part = 2; part * part <= number; part++) prime &&= number % part > 0;
    if (prime) found.push((number ** power * 2 ** 32) | 0);
  }
  return found;
}

/** SHA-256 for a page on plain http, where browsers keep theirs locked away. */
export function ownSha256(bytes) {
  const [state, keys, words] = [rootsOf(1 / 2, 8), rootsOf(1 / 3, 64), new Int32Array(64)];
  const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  for (let start = 0; start < padded.length; start += 64) {
    for (let at = 0; at < 64; at++) {
      if (at < 16) words[at] = view.getInt32(start + at * 4);
      else {
        const [early, late] = [words[at - 15], words[at - 2]];
        const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
        const large = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
        words[at] = words[at - 16] + small + words[at - 7] + large;
      }
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 64; at++) {
      const choice = (e & f) ^ (~e & g);
      const first =
        (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + keys[at] + words[at]) | 0;
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    for (const [at, word] of [a, b, c, d, e, f, g, h].entries()) state[at] = (state[at] + word) | 0;
  }
  return joined(...state.map((word) => [24, 16, 8, 0].map((by) => (word >>> by) & 255)));
}

const sha256 = async (bytes) =>
  globalThis.crypto?.subtle === undefined
    ? ownSha256(bytes)
    : new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));

/** On which side each hash of a leaf's path stands, the nearest first; a node without a neighbour moves up alone. */
function sidesOf(index, size) {
  const sides = [];
  for (let [node, last] = [index, size - 1]; last > 0; [node, last] = [node >> 1, last >> 1]) {
    if (node % 2 === 1) sides.push('left');
    else if (node < last) sides.push('right');
  }
  return sides;
}

async function rootFrom(leaf, { index, size, path }) {
  const sides = sidesOf(index, size);
  if (index >= size || sides.length !== path.length) return undefined;
  let found = leaf;
  for (const [step, hash] of path.map(bytesOf).entries())
    found = await sha256(
      sides[step] === 'left' ? joined([1], hash, found) : joined([1], found, hash),
    );
  return found;
}

/** The file as an object when it looks like a receipt of ours; undefined when not. */
export function readReceipt(content) {
  try {
    const file = JSON.parse(content);
    const { kind, version, receipt, tree, chain } = file;
    const names = (value) => Object.keys(value).sort().join();
    const fits =
      names(file) === 'chain,kind,receipt,tree,version' &&
      names(tree) === 'day,index,path,root,size' &&
      names(chain) === 'genesisHash,hub,memo,memoSignature' &&
      [kind, version, receipt.version].join() === 'jirani-receipt,1,1' &&
      [tree.index, tree.size].every((count) => Number.isInteger(count) && count >= 0) &&
      [tree.root, ...tree.path].every((hash) => hash64.test(hash));
    return fits ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Whether leaf, path, root and memo agree; no network. */
export async function checkTree({ receipt, tree, chain }) {
  const names = Object.keys(receipt).sort();
  const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, receipt[name]])));
  const leaf = await sha256(joined([0], text.encode(canonical)));
  const root = await rootFrom(leaf, tree);
  const memo = `jirani:receipts:1:${tree.day}:${tree.size}:${tree.root}`;
  return root !== undefined && hexOf(root) === tree.root && memo === chain.memo;
}

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** The text behind base58; ours never begins with a zero byte. */
function textOf(base58) {
  let number = 0n;
  for (const sign of base58) number = number * 58n + BigInt(alphabet.indexOf(sign));
  const hex = number.toString(16);
  return new TextDecoder().decode(bytesOf(hex.length % 2 === 0 ? hex : `0${hex}`));
}

async function ask(url, method, params) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(waitMs),
  });
  const { result, error } = await response.json();
  if (error) throw new Error(error.message);
  return result;
}

/** Who paid for a finalized transaction and what it says; undefined when the node does not know it. */
async function look(url, signature) {
  const options = { commitment: 'finalized', encoding: 'json', maxSupportedTransactionVersion: 0 };
  const found = await ask(url, 'getTransaction', [signature, options]);
  if (found === null) return undefined;
  const { accountKeys, instructions } = found.transaction.message;
  const memos = instructions
    .filter(({ programIdIndex }) => accountKeys[programIdIndex] === memoProgram)
    .map(({ data }) => textOf(data));
  return { payer: accountKeys[0], memos, failed: found.meta?.err != null };
}

/** 'good', 'wrong', or why it could not be seen: 'not-yet', 'unknown', 'other-chain', 'away'. */
export async function checkChain({ receipt, chain }, url) {
  if (chain.memoSignature === null) return 'not-yet';
  try {
    if ((await ask(url, 'getGenesisHash', [])) !== chain.genesisHash) return 'other-chain';
    const note = await look(url, chain.memoSignature);
    const move = await look(url, receipt.signature);
    if (note === undefined || move === undefined) return 'unknown';
    const noted = !note.failed && note.payer === chain.hub && note.memos.includes(chain.memo);
    return noted && !move.failed && move.memos.includes(receipt.trade) ? 'good' : 'wrong';
  } catch {
    return 'away';
  }
}
