/** The simulated M-Pesa alone, as `start` runs it beside a hub without credentials. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { simulatedMpesa } from '../../gateway/commands/simulated-mpesa.ts';
import { answer } from './a-demo.ts';
import { aFolder, begin } from './programs.ts';

const serving = suite('serving the simulated M-Pesa');

/** The first name that it gives: an access token. */
async function firstName(dataDir: string, ...words: string[]): Promise<string> {
  await using mpesa = begin(['mpesa', 'serve', '--port', '0', '--data-dir', dataDir, ...words]);
  const [, url, control] = await mpesa.says(/simulated M-Pesa: (http:\S+); control: (http:\S+)/);
  assert.equal(await answer(`${control}/mpesa/payments`), []);
  const { consumerKey, consumerSecret } = simulatedMpesa;
  const authorization = `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`;
  const { access_token } = await answer<{ access_token: string }>(
    `${url}/oauth/v1/generate?grant_type=client_credentials`,
    { headers: { authorization } },
  );
  mpesa.signal('SIGINT');
  assert.is((await mpesa.ended).code, 0);
  return access_token;
}

serving('never gives the same names again, unless it is told its seed', async () => {
  using folder = aFolder();
  const names = [await firstName(folder.path), await firstName(folder.path)];
  assert.is.not(names[0], names[1]);
  const seeded = ['--seed', '7'];
  assert.is(await firstName(folder.path, ...seeded), await firstName(folder.path, ...seeded));
  assert.ok(statSync(join(folder.path, 'mpesa-simulator.pem')).isFile());
});

serving.run();
