/** Who may send the hub's money: the initiator's name and its password, encrypted for M-Pesa's own key. */
import { constants, generateKeyPair, type KeyObject, privateDecrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { certificateOf } from './certificate.ts';

const keyBits = 2048;
/** Bad passwords that lock the initiator (Daraja 3.0: result 8006). */
const badTriesMax = 3;

/** 0 the initiator is who it says; 2001 it is not; 8006 it is locked. */
export type InitiatorCode = 0 | 2001 | 8006;

export type InitiatorDesk = {
  /** SubjectPublicKeyInfo in PEM; what clients encrypt the password with. */
  readonly publicKeyPem: string;
  /** The same key as a self-signed X.509 certificate in PEM. */
  readonly certificatePem: string;
  check(name: string, securityCredential: string): InitiatorCode;
};

/** Opens the desk with a key pair of its own. */
export async function openInitiatorDesk(name: string, password: string): Promise<InitiatorDesk> {
  const keys = await promisify(generateKeyPair)('rsa', { modulusLength: keyBits });
  let badTries = 0;

  function check(givenName: string, securityCredential: string): InitiatorCode {
    if (badTries >= badTriesMax) return 8006;
    if (givenName !== name) return 2001;
    if (decrypted(keys.privateKey, securityCredential) === password) {
      badTries = 0;
      return 0;
    }
    badTries += 1;
    return 2001;
  }

  const publicKeyPem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { publicKeyPem, certificatePem: certificateOf(keys), check };
}

/** With a wrong padding OpenSSL answers with junk instead of an error, so only comparing the text proves anything. */
function decrypted(key: KeyObject, base64: string): string | undefined {
  try {
    const secret = Buffer.from(base64, 'base64');
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret).toString('utf8');
  } catch {
    return undefined;
  }
}
