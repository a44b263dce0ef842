import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startGeminiSimulator } from '../../../gateway/simulators/gemini/server.ts';

const answering = suite('standing in for the language model');

const ask = (url: string, key?: string) =>
  fetch(`${url}/v1beta/models/gemini-3.5-flash-lite:generateContent`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { 'x-goog-api-key': key }) },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: '{"sellWh":2000}' }] }] }),
  });

type Body = { candidates: { content: { parts: { text: string }[] }; finishReason: string }[] };

answering('sells a little less than the rule would', async () => {
  const server = await startGeminiSimulator();
  const body = (await (await ask(server.url, 'any')).json()) as Body;
  const opinion = JSON.parse(body.candidates[0]?.content.parts[0]?.text ?? '{}');
  assert.is(opinion.action, 'sell');
  assert.is(opinion.sellWh, 1800);
  assert.is(body.candidates[0]?.finishReason, 'STOP');
  assert.is(server.prompts.length, 1);
  await server.stop();
});

answering('lets nobody in without the right key', async () => {
  const server = await startGeminiSimulator({ apiKey: 'right' });
  assert.is((await ask(server.url)).status, 400);
  assert.is((await ask(server.url, 'wrong')).status, 400);
  assert.is((await ask(server.url, 'right')).status, 200);
  assert.is(server.asked(), 1);
  await server.stop();
});

answering('can be away and come back on the same port', async () => {
  const server = await startGeminiSimulator();
  await server.stop();
  assert.is(await ask(server.url, 'any').catch(() => 'away'), 'away');
  await server.resume();
  assert.is((await ask(server.url, 'any')).status, 200);
  await server.stop();
});

answering.run();
