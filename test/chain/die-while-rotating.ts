/** A rotation that is killed at its n-th call to the chain. */
import { type RotatedKey, rotateKey } from '../../gateway/commands/rotate-keys.ts';
import { lyingIn } from './a-rotating-hub.ts';

const [folder = '', which = '', last = ''] = process.argv.slice(2);
let moments = 0;
using lying = lyingIn(folder, async () => {
  if (++moments === Number(last)) process.kill(process.pid, 'SIGKILL');
});
await rotateKey(lying.rotating, which as RotatedKey);
