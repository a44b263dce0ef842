// needs: mosquitto, openssl
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  aBroker,
  aByteClient,
  aReading,
  aSink,
  aWillingSink,
  connected,
  corner,
  kiosk,
  readingTopic,
  until,
} from './given.ts';
import { connectSaid, publishSaid } from './said.ts';

const ciphering = suite('MQTT over TLS');
const run = promisify(execFile);

const key = Buffer.alloc(32, 7);
const pskOf = (identity: string) => (identity === corner ? key : undefined);

async function aCertificate() {
  const folder = await mkdtemp(join(tmpdir(), 'jirani-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await run('openssl', [
    ...['req', '-x509', ...curve, ...subject, '-days', '2'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  return {
    certFile,
    cert: await readFile(certFile, 'utf8'),
    key: await readFile(keyFile, 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function aTlsBroker(
  sink: Parameters<typeof aBroker>[0],
  certificate?: { cert: string; key: string },
) {
  const at = { host: '127.0.0.1', port: 0, pskOf };
  const tls = certificate === undefined ? at : { ...at, certificate };
  const broker = await aBroker(sink, { tls });
  return Object.assign(broker, { tlsPort: broker.tlsPort ?? 0 });
}

async function withKey(
  port: number,
  identity: string,
  psk: Buffer,
  ciphers?: string,
  session?: Buffer,
) {
  const options: ConnectionOptions = {
    ...{ host: '127.0.0.1', port, maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined },
    ciphers: ciphers ?? 'ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-GCM-SHA256',
    pskCallback: () => ({ psk, identity }),
    ...(session && { session }),
  };
  const socket: TLSSocket = connect(options);
  await once(socket, 'secureConnect');
  return aByteClient(port, socket);
}

const nameless = { username: corner, password: '', clientId: corner };

ciphering('a meter with its key needs no password, and its readings arrive', async () => {
  const sink = aSink();
  await using broker = await aTlsBroker(sink);
  for (const suiteName of [
    'ECDHE-PSK-CHACHA20-POLY1305',
    'ECDHE-PSK-AES128-CBC-SHA256',
    'PSK-AES128-GCM-SHA256',
  ]) {
    using meter = await withKey(broker.tlsPort, corner, key, suiteName);
    meter.say(
      connectSaid(corner, nameless),
      publishSaid(readingTopic(corner), aReading(1), { qos: 1, id: 5 }),
    );
    assert.is(await meter.hears(), '20020000', suiteName);
    await until(() => sink.taken.length === 1);
    sink.commit();
    assert.is(await meter.hears(), '40020005');
  }
});

ciphering('a key opens the door to its own meter only', async () => {
  await using broker = await aTlsBroker(aSink());
  const others = [
    connectSaid(kiosk),
    connectSaid('flows'),
    connectSaid(corner, { ...nameless, clientId: kiosk }),
  ];
  const codes = ['20020004', '20020004', '20020005'];
  for (const [index, hello] of others.entries()) {
    using meter = await withKey(broker.tlsPort, corner, key);
    meter.say(hello);
    assert.is(await meter.isClosed(), codes[index]);
  }
});

ciphering('an unknown identity, a wrong key and plain talk are refused and counted', async () => {
  await using broker = await aTlsBroker(aSink());
  for (const [identity, psk] of [
    [kiosk, key],
    [corner, Buffer.alloc(32, 8)],
  ] as const) {
    const refused = await withKey(broker.tlsPort, identity, psk).then(
      () => false,
      () => true,
    );
    assert.ok(refused, identity);
  }
  using plain = await aByteClient(broker.tlsPort, connectTcp(broker.tlsPort, '127.0.0.1'));
  plain.say(connectSaid(corner));
  await plain.isClosed();
  await until(() => broker.refused()['bad-tls'] === 3);
});

ciphering('one listener serves keys and, to everybody else, a certificate', async () => {
  using sink = aWillingSink();
  await using papers = await aCertificate();
  await using broker = await aTlsBroker(sink, papers);
  using meter = await withKey(broker.tlsPort, corner, key);
  meter.say(connectSaid(corner, nameless));
  assert.is(await meter.hears(), '20020000');
  await using other = await connected(broker.tlsPort, kiosk, {
    ...{ protocol: 'mqtts', ca: papers.cert, rejectUnauthorized: true },
  });
  await other.publishAsync(readingTopic(kiosk), aReading(1), { qos: 1 });
  const stranger = await connected(broker.tlsPort, kiosk, {
    ...{ protocol: 'mqtts', ca: papers.cert, password: 'guess' },
  }).catch((error) => error.code);
  assert.is(stranger, 4);
  assert.equal(
    sink.all.map(({ meter: name }) => name),
    [kiosk],
  );
});

ciphering('mosquitto publishes a reading with a key, and with a certificate', async () => {
  using sink = aWillingSink();
  await using papers = await aCertificate();
  await using broker = await aTlsBroker(sink, papers);
  const to = (meter: string) => [
    ...['-h', '127.0.0.1', '-p', String(broker.tlsPort), '-i', meter, '-u', meter],
    ...['-q', '1', '-t', readingTopic(meter), '-m', aReading(2).toString()],
  ];
  const psk = ['--psk-identity', corner, '--psk', key.toString('hex')];
  await run('mosquitto_pub', [...to(corner), ...psk]);
  await run('mosquitto_pub', [
    ...to(kiosk),
    ...['-P', `secret of ${kiosk}`, '--cafile', papers.certFile],
  ]);
  assert.equal(
    sink.all.map(({ meter }) => meter),
    [corner, kiosk],
  );
  const wrong = ['--psk-identity', corner, '--psk', 'ff'.repeat(32)];
  const failed = await run('mosquitto_pub', [...to(corner), ...wrong]).then(
    () => false,
    () => true,
  );
  assert.ok(failed);
});

ciphering('a meter that would resume its session proves its key again', async () => {
  await using broker = await aTlsBroker(aSink());
  const first = await withKey(broker.tlsPort, corner, key);
  first.say(connectSaid(corner, nameless));
  assert.is(await first.hears(), '20020000');
  const session = (first.socket as TLSSocket).getSession();
  first.socket.destroy();
  using again = await withKey(broker.tlsPort, corner, key, undefined, session);
  again.say(connectSaid(corner, nameless));
  assert.is(await again.hears(), '20020000');
  assert.not.ok((again.socket as TLSSocket).isSessionReused());
});

ciphering('needs a key or a certificate to begin with', async () => {
  const tls = { host: '127.0.0.1', port: 0 };
  const error = await aBroker(aSink(), { tls }).catch((problem: Error) => problem.message);
  assert.match(String(error), 'a certificate');
});

ciphering('gives up whole when the port for TLS is taken', async () => {
  await using first = await aBroker(aSink());
  const tls = { host: '127.0.0.1', port: first.port, pskOf };
  const error = await aBroker(aSink(), { tls }).then(
    () => undefined,
    (problem: NodeJS.ErrnoException) => problem,
  );
  assert.is(error?.code, 'EADDRINUSE');
});

ciphering.run();
