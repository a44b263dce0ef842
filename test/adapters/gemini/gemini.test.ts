import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type GeminiOptions, openGemini } from '../../../gateway/adapters/gemini/gemini.ts';
import { readOpinion } from '../../../gateway/adapters/gemini/opinion-form.ts';
import { centsPerKwh, wattHours } from '../../../gateway/core/units.ts';
import type { AdviceQuestion } from '../../../gateway/ports/advice.ts';
import { startGeminiSimulator } from '../../../gateway/simulators/gemini/server.ts';

const timeoutMs = 250;

const aQuestion = (sellWh = 3000): AdviceQuestion => ({
  energyWh: wattHours(5000),
  nightNeedWh: wattHours(1400),
  sunLeftWh: wattHours(400),
  keepWh: wattHours(1050),
  sellWh: wattHours(sellWh),
  rate: centsPerKwh(1500),
  ownTariff: centsPerKwh(2700),
  hour: 15,
});

async function given(more: Partial<GeminiOptions> = {}) {
  const time = { ms: 0 };
  const google = await startGeminiSimulator({ apiKey: 'the key' });
  const gemini = openGemini({
    apiKey: 'the key',
    baseUrl: google.url,
    elapsedMs: () => time.ms,
    timeoutMs,
    ...more,
  });
  return { time, google, gemini };
}

const asking = suite('asking the language model for a second opinion');

asking(
  'gets an opinion whose words are plain text, and hashes of what was asked and answered',
  async () => {
    const { google, gemini } = await given();
    const answer = await gemini.ask(aQuestion());
    await google.stop();
    assert.ok(answer.ok);
    const { prompt, promptHash, answerHash, ...said } = answer.value;
    assert.equal(said, {
      ...{ action: 'sell', sellWh: 2700, model: 'gemini-3.5-flash-lite' },
      words: {
        en: 'The sun is strong today: sell 2700 Wh keep the rest.',
        sw: 'Jua ni kali leo: uza Wh 2700.',
      },
    });
    assert.is(promptHash, createHash('sha256').update(prompt).digest('hex'));
    assert.match(answerHash, /^[0-9a-f]{64}$/);
    assert.is.not(answerHash, promptHash);
    assert.equal(gemini.health(), { mode: 'on', state: 'ok', detail: '' });
  },
);

const failures = [
  ['too-many-requests', "the model's service answered 429"],
  ['unavailable', "the model's service answered 503"],
  ['blocked', 'the question was blocked'],
  ['safety', 'the answer is not finished'],
  ['max-tokens', 'the answer is not finished'],
  ['empty', 'the answer is empty'],
  ['html', "the answer is not the model's"],
  ['hang', 'no answer within 250 ms'],
  ['slow-body', 'no answer within 250 ms'],
  ['garbage', 'the answer has another form'],
  ['wild-numbers', 'the answer has another form'],
  ['unknown-key', 'the answer has another form'],
] as const;

for (const [mode, why] of failures) {
  asking(`does without it, in time, when the service is in the mode ${mode}`, async () => {
    const { google, gemini } = await given();
    google.setMode(mode);
    const begun = performance.now();
    assert.equal(await gemini.ask(aQuestion()), { ok: false, error: why });
    assert.ok(performance.now() - begun < timeoutMs + 100, `${performance.now() - begun} ms`);
    await google.stop();
  });
}

asking('does without it when there is no key, no network or the wrong key', async () => {
  const none = openGemini({ apiKey: undefined, elapsedMs: () => 0 });
  assert.is((await none.ask(aQuestion())).ok, false);
  assert.is(none.health().mode, 'off');

  const { google, gemini } = await given();
  await google.stop();
  const away = await gemini.ask(aQuestion());
  assert.equal(away, { ok: false, error: "the model's service is out of reach" });
  await google.resume();
  const wrong = openGemini({ apiKey: 'wrong', baseUrl: google.url, elapsedMs: () => 0 });
  const refused = await wrong.ask(aQuestion());
  assert.equal(refused, { ok: false, error: "the model's service answered 400" });
  await google.stop();
});

asking('sends numbers by name and nothing else', async () => {
  const { google, gemini } = await given();
  const withMore = { ...aQuestion(), name: 'Wanjiku', phone: '254700123456' };
  await gemini.ask(withMore);
  await google.stop();
  const [sent = ''] = google.prompts;
  assert.not.match(sent, /Wanjiku|2547/);
  const asked = JSON.parse(JSON.parse(sent).contents[0].parts[0].text);
  assert.ok(Object.values(asked).every(Number.isSafeInteger));
  assert.is(asked.sellWh, 3000);
  assert.equal(Object.keys(asked), [
    ...['energyWh', 'nightNeedWh', 'sunLeftWh', 'keepWh', 'sellWh'],
    ...['rateCentsPerKwh', 'ownTariffCentsPerKwh', 'hour'],
  ]);
});

asking('rests for five minutes after three failures in a row', async () => {
  const { time, google, gemini } = await given();
  google.setMode('unavailable');
  for (let round = 0; round < 10; round += 1) await gemini.ask(aQuestion());
  assert.is(google.asked(), 3);
  assert.is(gemini.health().state, 'resting');
  google.setMode('ok');
  time.ms = 299_999;
  assert.is((await gemini.ask(aQuestion())).ok, false);
  time.ms = 300_000;
  assert.is((await gemini.ask(aQuestion())).ok, true);
  assert.is(google.asked(), 4);
  await google.stop();
});

asking('waits as long as the service asks it to', async () => {
  const { time, google, gemini } = await given();
  google.setMode('too-many-requests');
  await gemini.ask(aQuestion());
  google.setMode('ok');
  time.ms = 36_999;
  assert.is((await gemini.ask(aQuestion())).ok, false);
  assert.is(google.asked(), 1);
  time.ms = 37_000;
  assert.is((await gemini.ask(aQuestion())).ok, true);
  await google.stop();
});

asking('never asks more often in a day than the keeper pays for', async () => {
  const { time, google, gemini } = await given({ callsPerDay: 3 });
  for (let round = 0; round < 6; round += 1) await gemini.ask(aQuestion(1000 + round * 100));
  assert.is(google.asked(), 3);
  time.ms = 86_400_000;
  assert.is((await gemini.ask(aQuestion(2000))).ok, true);
  await google.stop();
});

asking('asks once for the same situation within a quarter of an hour', async () => {
  const { time, google, gemini } = await given();
  const first = await gemini.ask(aQuestion(3000));
  assert.equal(await gemini.ask(aQuestion(3000)), first);
  assert.is(google.asked(), 1);
  time.ms = 900_001;
  await gemini.ask(aQuestion(3000));
  assert.is(google.asked(), 2);
  await google.stop();
});

asking('has at most four questions on their way at once', async () => {
  const { google, gemini } = await given();
  google.setMode('hang');
  const asked = [1, 2, 3, 4, 5].map((lots) => gemini.ask(aQuestion(lots * 1000)));
  const answers = await Promise.all(asked);
  assert.equal(answers[4], { ok: false, error: 'too many questions at once' });
  assert.is(google.asked(), 4);
  await google.stop();
});

asking.run();

const reading = suite('reading what the language model said');

const said = (more: object) =>
  readOpinion(
    JSON.stringify({ action: 'sell', sellWh: 1000, english: 'ok', swahili: 'sawa', ...more }),
  );

reading('lets in whole Wh and a known action, and nothing besides', () => {
  const words = { en: 'ok', sw: 'sawa' };
  assert.equal(said({}), { action: 'sell', sellWh: 1000, words });
  const refused = [
    { action: 'pay' },
    { sellWh: -1 },
    { sellWh: 1.5 },
    { sellWh: 1e300 },
    { sellWh: '1000' },
    { to: '254700000000' },
    { english: 7 },
    { reason: 'more' },
  ];
  for (const wrong of refused) assert.is(said(wrong), undefined, JSON.stringify(wrong));
  for (const text of ['', '[]', 'null', '{"action":"sell"'])
    assert.is(readOpinion(text), undefined);
});

reading('leaves of the words what is plain, at most 240 characters', () => {
  assert.is(
    said({ english: '<script>alert("Jua kali")</script>\u0000 50 %' })?.words.en,
    'alert( Jua kali ) 50 %',
  );
  assert.is(said({ swahili: 'jua '.repeat(100) })?.words.sw.length, 240);
});

reading.run();
