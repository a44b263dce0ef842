/** The smallest question that a model can be asked: whether key, model and network are right (ai.google.dev/api). */
const usualBase = 'https://generativelanguage.googleapis.com';
const usualModel = 'gemini-3.5-flash-lite';
const patienceMs = 8_000;

export type OneToken = {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  readonly model: string | undefined;
};

/** Empty when it answered; else why not, without the key. Costs one token. */
export async function askForOneToken({ apiKey, baseUrl, model }: OneToken): Promise<string> {
  const base = (baseUrl ?? usualBase).replace(/\/+$/, '');
  try {
    const response = await fetch(`${base}/v1beta/models/${model ?? usualModel}:generateContent`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': apiKey },
      body: JSON.stringify({
        contents: [{ parts: [{ text: 'Yes?' }] }],
        generationConfig: { maxOutputTokens: 1 },
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    await response.body?.cancel();
    return response.ok ? '' : `the model's service answered ${response.status}`;
  } catch {
    return 'the model’s service does not answer';
  }
}
