/** Passwords as Mosquitto keeps them. */
import { pbkdf2Sync, randomBytes } from 'node:crypto';

/** Mosquitto 2.0 reads no other length (lib password_mosq.h). */
const saltBytes = 12;
const hashBytes = 64;
/** Mosquitto's own number. Few, but the hub's passwords are 192 random bits: there is nothing to guess. */
const iterations = 101;

/** A new salt each time: `$7$iterations$salt$hash`, PBKDF2 with SHA-512, in base64. */
export function mosquittoHashOf(password: string): string {
  const salt = randomBytes(saltBytes);
  const hash = pbkdf2Sync(password, salt, iterations, hashBytes, 'sha512');
  return `$7$${iterations}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
