/** Free SOL for the local ledger: a purse made from the ledger's own seed, spent by ordinary transactions. */
import { createHmac, createPrivateKey, createPublicKey, randomInt, sign } from 'node:crypto';
import bs58 from 'bs58';
import type { Svm } from './svm.ts';

const purseLamports = 500_000_000_000_000n;
const systemProgram = bs58.decode('11111111111111111111111111111111');
const computeBudgetProgram = bs58.decode('ComputeBudget111111111111111111111111111111');
/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

export type Faucet = {
  /** The bytes of a signed transfer; no two are equal, even of equal gifts in one slot. */
  pay(to: Uint8Array, lamports: number, blockhash: string): Uint8Array;
};

export function openFaucet(seed: Uint8Array, svm: Svm): Faucet {
  const secret = createHmac('sha256', seed).update('faucet').digest();
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Head, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const faucet = spki.subarray(-32);
  // The purse reaches the disk with the first gift; until then a restart fills it again.
  if (svm.account(faucet) === undefined) {
    svm.put({
      address: faucet,
      owner: systemProgram,
      lamports: purseLamports,
      data: new Uint8Array(),
    });
  }
  return {
    pay(to, lamports, blockhash) {
      const message = giftMessage(faucet, to, lamports, blockhash);
      return Buffer.concat([Buffer.from([1]), sign(null, message, key), message]);
    },
  };
}

function giftMessage(
  from: Uint8Array,
  to: Uint8Array,
  lamports: number,
  blockhash: string,
): Uint8Array {
  const transfer = Buffer.alloc(12);
  transfer.writeUInt32LE(2, 0);
  transfer.writeBigUInt64LE(BigInt(lamports), 4);
  const uniquePrice = Buffer.alloc(9);
  uniquePrice.writeUInt8(3, 0);
  uniquePrice.writeUInt32LE(randomInt(2 ** 20), 1);
  const keys = [from, to, systemProgram, computeBudgetProgram];
  return Buffer.concat([
    Buffer.from([1, 0, 2, keys.length]),
    ...keys,
    bs58.decode(blockhash),
    Buffer.from([2, 2, 2, 0, 1, transfer.length]),
    transfer,
    Buffer.from([3, 0, uniquePrice.length]),
    uniquePrice,
  ]);
}
