/** The initiator's password as M-Pesa wants it: readable only with Safaricom's private key. */
import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Secret } from './secret.ts';

/**
 * Encrypts with RSA PKCS#1 v1.5, which Daraja expects (OAEP is answered with 2001), as base64. The
 * padding is random, so each call gives other text. `pem` is an X.509 certificate or a public key.
 */
export function openSecurityCredential(
  password: Secret,
  pem: string,
): () => Result<string, 'unusable-certificate'> {
  let key: KeyObject | undefined;
  return () => {
    try {
      key ??= createPublicKey(pem);
      if (key.asymmetricKeyType !== 'rsa') return fail('unusable-certificate');
      const sealed = publicEncrypt(
        { key, padding: constants.RSA_PKCS1_PADDING },
        Buffer.from(password.reveal()),
      );
      return ok(sealed.toString('base64'));
    } catch {
      return fail('unusable-certificate');
    }
  };
}
