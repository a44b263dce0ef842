/** Signing by the machine's own Ed25519: web3.js would do it in big integers, at 2 ms and much garbage a move. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Keypair, Transaction } from '@solana/web3.js';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const known = new WeakMap<Keypair, KeyObject>();

function privateKeyOf(keypair: Keypair): KeyObject {
  const found = known.get(keypair);
  if (found !== undefined) return found;
  const der = Buffer.concat([pkcs8Head, keypair.secretKey.subarray(0, 32)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  known.set(keypair, key);
  return key;
}

/** Adds each signer's signature; web3.js checks that the message is what it will serialize. */
export function addSignatures(transaction: Transaction, signers: readonly Keypair[]): void {
  const message = transaction.serializeMessage();
  for (const signer of signers)
    transaction.addSignature(signer.publicKey, sign(null, message, privateKeyOf(signer)));
}
