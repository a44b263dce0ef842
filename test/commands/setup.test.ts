// uncounted: it starts whole programs, again and again
// timeout: 400s
/** `setup` as a technician meets it, at the terminal and with a file of answers. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { parseEnv } from 'node:util';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openBooks } from '../../gateway/adapters/sqlite/open.ts';
import { readAnswers } from '../../gateway/commands/setup-answers.ts';
import { askEverything, openTalk } from '../../gateway/commands/setup-questions.ts';
import { simulatedMpesa } from '../../gateway/commands/simulated-mpesa.ts';
import { startMpesaSimulator } from '../../gateway/simulators/daraja/simulator.ts';
import { aFolder, run } from './programs.ts';

const secrets = {
  consumerKey: simulatedMpesa.consumerKey,
  consumerSecret: simulatedMpesa.consumerSecret,
  passkey: simulatedMpesa.passkey,
  initiatorPassword: simulatedMpesa.initiatorPassword,
};
const backupPassphrase = 'under the third mango tree';

function aPlace() {
  const folder = aFolder();
  const at = (name: string) => join(folder.path, name);
  const env = { HUB_DATA_DIR: at('data'), HTTP_PORT: '9' };
  return {
    ...{ at, env, dataDir: at('data') },
    answer: (answers: object, mode = 0o600) => {
      writeFileSync(at('answers.json'), JSON.stringify(answers));
      chmodSync(at('answers.json'), mode);
      return run(['setup', '--answers', at('answers.json')], env, { cwd: folder.path });
    },
    settings: () => parseEnv(readFileSync(at('.env'), 'utf8')),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

const household = {
  ...{ id: 'h01', name: 'Achieng’s kiosk', phone: '0712345678', role: 'both' },
  meters: ['grid', 'pv'],
};

const answering = suite('setting up from a file of answers');

answering(
  'names the hub, tests the keys, enrols people and meters, and ends with the doctor',
  async () => {
    using place = aPlace();
    const certificate = place.at('mpesa.pem');
    await using mpesa = await startMpesaSimulator({
      ...{ ...simulatedMpesa, port: 0, seed: 1, publicKeyFile: certificate, manual: true },
      clock: { now: () => Date.now(), speed: 1 },
    });
    const { shortcode, initiatorName } = simulatedMpesa;
    const given = {
      ...{ name: "Umoja 'A'", county: 'Kisumu', scheme: 'mini-grid', lan: true, backupPassphrase },
      mpesa: {
        environment: 'simulator',
        ...secrets,
        shortcode,
        initiatorName,
        certificate,
        baseUrl: mpesa.url,
      },
      households: [household],
    };
    const { stdout, stderr, code } = await place.answer(given);
    assert.is(stderr, '');
    assert.match(stdout, /M-Pesa takes the keys: signed in/);
    assert.match(stdout, /Kisumu lies at -0\.15, 34\.8/);
    assert.match(stdout, /enrolled as h01; its payment code is 0001/);
    assert.match(stdout, /Meter m-h01-grid.*\n(?:[ ▀▄█]+\n){8}/);
    assert.match(stdout, /Meter m-h01-pv, at the panels/);
    // A hub that does not run yet, and has no backup: the doctor says so, and the setup is done all the same.
    assert.is(code, 0);
    assert.match(stdout, /FAIL backup: there is none/);
    for (const secret of [
      ...Object.values(secrets),
      backupPassphrase,
      '254712345678',
      '0712345678',
    ])
      assert.not.ok(stdout.includes(secret), secret);

    const settings = place.settings();
    assert.equal(
      [settings['HUB_NAME'], settings['HUB_LATITUDE'], settings['HUB_LISTEN'], settings['SCHEME']],
      ["Umoja 'A'", '-0.15', '0.0.0.0', 'mini-grid'],
    );
    assert.is(settings['MPESA_PASSKEY'], secrets.passkey);
    assert.is(
      readFileSync(settings['BACKUP_PASSPHRASE_PATH'] ?? '', 'utf8'),
      `${backupPassphrase}\n`,
    );
    const flash = join(place.dataDir, 'meters-to-flash', 'm-h01-grid.conf');
    for (const file of [place.at('.env'), settings['BACKUP_PASSPHRASE_PATH'] ?? '', flash])
      assert.is(statSync(file).mode & 0o777, 0o600, file);
    const password = /^secret=(.*)$/m.exec(readFileSync(flash, 'utf8'))?.[1] ?? '';
    assert.ok(password.length > 20 && !stdout.includes(password));
    assert.ok(existsSync(join(place.dataDir, 'keys/keystore.json')));
  },
);

answering('again, it keeps what is there and changes only what is answered', async () => {
  using place = aPlace();
  await place.answer({ name: 'Umoja', county: '42', backupPassphrase, households: [household] });
  writeFileSync(
    place.at('.env'),
    `${readFileSync(place.at('.env'), 'utf8')}# mine\nHTTP_PORT=5050\n`,
  );
  const keystore = readFileSync(join(place.dataDir, 'keys/keystore.json'), 'utf8');
  const second = { id: 'h02', name: 'Baraka', phone: '0112345678', role: 'buyer' };
  const other = { id: 'h03', name: 'Wafula', phone: '0712345678' };
  const { stdout, stderr } = await place.answer({
    name: 'Umoja B',
    lan: true,
    households: [household, second, other],
  });
  assert.is(stderr, '');
  assert.match(stdout, /h01 lives here already/);
  assert.match(stdout, /h03 was left out: another household has its phone/);
  assert.not.match(stdout, /Meter m-h01/);
  assert.match(stdout, /Meter m-h02-grid/);
  const settings = place.settings();
  assert.equal(
    [settings['HUB_NAME'], settings['HUB_LATITUDE'], settings['HTTP_PORT']],
    ['Umoja B', '-0.15', '5050'],
  );
  assert.match(readFileSync(place.at('.env'), 'utf8'), /^# mine$/m);
  assert.is(readFileSync(join(place.dataDir, 'keys/keystore.json'), 'utf8'), keystore);
  using books = openBooks(join(place.dataDir, 'books.db'));
  assert.equal(
    books.households
      .all()
      .map(({ id }) => id)
      .sort(),
    ['h01', 'h02'],
  );
  assert.is(books.households.registrations().length, 3);
});

answering('keys that M-Pesa refuses change nothing', async () => {
  using place = aPlace();
  const certificate = place.at('mpesa.pem');
  await using mpesa = await startMpesaSimulator({
    ...{ ...simulatedMpesa, port: 0, seed: 1, publicKeyFile: certificate, manual: true },
    clock: { now: () => Date.now(), speed: 1 },
  });
  const { shortcode, initiatorName } = simulatedMpesa;
  const wrong = { ...secrets, consumerSecret: 'not-the-secret-of-this-app' };
  const own = {
    environment: 'simulator',
    ...wrong,
    shortcode,
    initiatorName,
    certificate,
    baseUrl: mpesa.url,
  };
  const { code, stdout, stderr } = await place.answer({
    name: 'Umoja',
    mpesa: own,
    households: [household],
  });
  assert.is(code, 1);
  assert.match(stderr, /M-Pesa does not take these keys.*Nothing was changed/);
  assert.not.ok(`${stdout}${stderr}`.includes(wrong.consumerSecret));
  assert.equal(readdirSync(place.at('.')).sort(), ['answers.json', 'mpesa.pem']);
});

answering('what is wrong is told all at once, without a value, and changes nothing', async () => {
  using place = aPlace();
  const { code, stderr } = await place.answer({
    ...{ county: 'Kisumo', scheme: 'gift', backupPassphrase: 'short', colour: 'blue' },
    households: [{ ...household, phone: '07-a-secret' }],
  });
  assert.is(code, 1);
  for (const word of [
    'county: no county of Kenya; perhaps',
    'scheme',
    'backupPassphrase: at least 12',
    'colour',
    'households.0.phone',
  ])
    assert.ok(stderr.includes(word), word);
  assert.not.match(stderr, /a-secret/);
  const open = await place.answer({ name: 'Umoja' }, 0o644);
  assert.match(open.stderr, /can be read by others/);
  writeFileSync(place.at('answers.json'), '{"mpesa": {"passkey": "bfb27', { mode: 0o600 });
  chmodSync(place.at('answers.json'), 0o600);
  const cut = await run(['setup', '--answers', place.at('answers.json')], place.env);
  assert.match(cut.stderr, /is no JSON/);
  assert.not.match(cut.stderr, /bfb27/);
  // Production without a scheme is refused before anything is written.
  const real = await place.answer({ mpesa: { environment: 'production' } });
  assert.match(real.stderr, /SCHEME: must be chosen before production/);
  assert.equal(readdirSync(place.at('.')), ['answers.json']);
});

answering('the answers that the page shows are understood', () => {
  using place = aPlace();
  const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const shown = /^```json\n([\s\S]*?)^```/m.exec(page)?.[1] ?? '';
  writeFileSync(place.at('answers.json'), shown, { mode: 0o600 });
  const answers = readAnswers(place.at('answers.json'));
  assert.equal([answers.county?.code, answers.households?.[0]?.phone], [42, '254712345678']);
});

answering('where nobody sits, it does not ask', async () => {
  using place = aPlace();
  const { code, stderr } = await run(['setup'], place.env);
  assert.is(code, 1);
  assert.match(stderr, /Nobody is here to ask: scripts\/hub setup --answers FILE/);
});

const asking = suite('setting up at the terminal');

/** A technician who types these lines, one for each question. */
async function typing(lines: readonly string[], known: Record<string, string> = {}) {
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => keyboard });
  let shown = '';
  const waiting = [...lines];
  const screen = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const text = chunk.toString();
      shown += text;
      // Only when a question stands there is something typed.
      if (/: $/.test(text)) setImmediate(() => keyboard.write(`${waiting.shift() ?? ''}\r`));
      done();
    },
  });
  using talk = openTalk(keyboard as never, screen as never);
  return { answers: await askEverything(talk, known), shown };
}

asking('a wrong answer is asked again, and secrets are never shown', async () => {
  const { answers, shown } = await typing([
    ...['Umoja', 'Kisumo', 'Kisumu', 'mini-grid', 'ndiyo'],
    ...[
      'sandbox',
      'my-consumer-key',
      'my-consumer-secret',
      '174379',
      'my-passkey',
      'testapi',
      'my-password',
      'cert.pem',
    ],
    ...['localtunnel', 'embedded', 'too short', backupPassphrase],
    ...['H 1', 'h01', 'Achieng', '12', '0712345678', 'both', 'y', ''],
  ]);
  assert.is(answers.county?.code, 42);
  assert.is(answers.lan, true);
  assert.equal(answers.mpesa, {
    ...{
      environment: 'sandbox',
      consumerKey: 'my-consumer-key',
      consumerSecret: 'my-consumer-secret',
    },
    ...{ shortcode: '174379', passkey: 'my-passkey', initiatorName: 'testapi' },
    ...{ initiatorPassword: 'my-password', certificate: 'cert.pem' },
  });
  assert.is(answers.tunnel, 'localtunnel');
  assert.is(answers.backupPassphrase, backupPassphrase);
  assert.equal(
    answers.households?.map(({ id, meters }) => [id, meters]),
    [['h01', ['grid', 'pv']]],
  );
  assert.match(shown, /no county of Kenya; perhaps .*Kisumu/);
  assert.match(shown, /a Kenyan mobile number/);
  for (const secret of ['my-consumer', 'my-passkey', 'my-password', 'too short', 'mango'])
    assert.not.ok(shown.includes(secret), secret);
});

asking('Enter keeps what is there, and what is secret there is not shown', async () => {
  const known = {
    ...{
      HUB_NAME: 'Umoja',
      SCHEME: 'credit',
      MPESA_ENVIRONMENT: 'sandbox',
      MPESA_PASSKEY: 'kept-passkey',
    },
    ...{
      MPESA_CONSUMER_KEY: 'kept-key',
      MPESA_CONSUMER_SECRET: 'kept-secret',
      TUNNEL: 'localtunnel',
    },
  };
  const { answers, shown } = await typing([], known);
  assert.equal([answers.name, answers.scheme, answers.county], ['Umoja', 'credit', undefined]);
  assert.equal(answers.households, []);
  assert.is(answers.mpesa?.passkey, undefined);
  assert.match(shown, /Passkey \[is set; Enter keeps it\]/);
  assert.not.match(shown, /kept-/);
});

answering.run();
asking.run();
