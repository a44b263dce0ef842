/** How the chosen tunnel is joined to the hub: what the status says, and what a push waits for. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { realClock } from '../gateway/adapters/clock/real-clock.ts';
import { readConfig } from '../gateway/config.ts';
import { openMoney } from '../gateway/open-money.ts';
import { openTunnel } from '../gateway/open-tunnel.ts';
import { certificatePem } from './adapters/daraja/certificate.ts';
import { fakeLog } from './adapters/web/fake-desk.ts';
import { aFolder } from './commands/programs.ts';

const joining = suite('the tunnel and the hub');

function config(env: Record<string, string>) {
  const read = readConfig(env);
  if (!read.ok) throw new Error(read.error.join('\n'));
  return read.value;
}
const hubKey = Buffer.from('a key');
const tunnelFor = (env: Record<string, string>, dataDir?: string) =>
  openTunnel({
    ...{ config: config(env), log: fakeLog(), hubKey },
    ...(dataDir === undefined ? {} : { dataDir }),
  });

joining(
  'without a tunnel the simulator calls back over loopback, and the status says so',
  async () => {
    await using tunnel = tunnelFor({});
    assert.is(tunnel.url(), undefined, 'before the listener has its port');
    tunnel.start(5_005);
    assert.is(tunnel.url(), 'http://127.0.0.1:5005');
    assert.is(await tunnel.prove(), true);
    assert.equal(tunnel.view(), {
      mode: 'none',
      state: 'ok',
      detail: 'callbacks come over loopback',
    });
  },
);

joining('TUNNEL=none gives out the address that is set, and proves nothing', async () => {
  await using tunnel = tunnelFor({ TUNNEL: 'none', PAYMENT_CALLBACK_URL: 'https://hub.example' });
  tunnel.start(5_005);
  assert.is(tunnel.url(), 'https://hub.example');
  assert.equal(tunnel.view(), { mode: 'none', state: 'ok', detail: 'the address is not probed' });
});

joining('a fixed address that does not answer is told, and still goes with a push', async () => {
  await using tunnel = tunnelFor({ PAYMENT_CALLBACK_URL: 'http://127.0.0.1:9/' });
  tunnel.start(5_005);
  const { mode, state, detail } = tunnel.view();
  assert.equal([mode, state], ['static', 'opening']);
  assert.match(detail, /payments are found out by asking M-Pesa/);
  assert.is(tunnel.url(), 'http://127.0.0.1:9/');
});

joining('localtunnel is called a trial, and its last address survives a start', async () => {
  using folder = aFolder();
  writeFileSync(join(folder.path, 'tunnel-address'), 'https://before.example\n');
  const env = { TUNNEL: 'localtunnel', LOCALTUNNEL_HOST: 'http://127.0.0.1:9' };
  await using tunnel = tunnelFor(env, folder.path);
  tunnel.start(5_005);
  assert.match(tunnel.view().detail, /^trial mode: no encryption/);
  assert.is(tunnel.url(), 'https://before.example');
});

joining('a phone is asked while the tunnel is down, unless the keeper chose to wait', async () => {
  using folder = aFolder();
  const certificate = join(folder.path, 'certificate.pem');
  writeFileSync(certificate, certificatePem);
  const push = {
    phone: '254712345678',
    ...{ amountCents: 100, accountReference: 'A1', description: 'Energy' },
    callbackToken: 'a'.repeat(32),
  };
  for (const [wish, why] of [
    ['wait', 'the tunnel is down'],
    ['query-only', 'no callback address'],
  ] as const) {
    let proofs = 0;
    using money = openMoney({
      config: config({
        ...{ MPESA_CERTIFICATE_PATH: certificate, MPESA_BASE_URL: 'http://127.0.0.1:9' },
        TUNNEL_WHEN_DOWN: wish,
      }),
      ...{ clock: realClock({ trusted: true }), log: fakeLog() },
      tunnel: {
        url: () => undefined,
        prove: async () => {
          proofs += 1;
          return false;
        },
      },
    });
    await money.getReady();
    assert.is(proofs, 1);
    assert.equal(await money.ring(push as never), { kind: 'not-sent', why });
  }
  rmSync(certificate);
});

joining.run();
