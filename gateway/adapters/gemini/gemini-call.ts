/** The one file that knows Google's client `@google/generative-ai`, which its maker no longer mends. */
import {
  type GenerativeModel,
  GoogleGenerativeAI,
  GoogleGenerativeAIFetchError,
  SchemaType,
} from '@google/generative-ai';
import { fail, ok, type Result } from '../../core/result.ts';
import { instruction } from './opinion-form.ts';

export type GeminiCall = (prompt: string) => Promise<Result<string, CallProblem>>;

export type CallProblem = {
  /** For a log or a page: no key, no body. */
  readonly why: string;
  /** What a 429 asks for, ms. */
  readonly retryMs?: number;
};

export type GeminiCallOptions = {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  readonly model: string;
  readonly timeoutMs: number;
};

const outputTokensMax = 512;

/** Asks once; the client itself never retries. Resolves within the time-out, whatever happens. */
export function geminiCall(options: GeminiCallOptions): GeminiCall {
  const { apiKey, baseUrl, model, timeoutMs } = options;
  const generative = new GoogleGenerativeAI(apiKey).getGenerativeModel(
    {
      model,
      systemInstruction: instruction,
      generationConfig: {
        responseMimeType: 'application/json',
        maxOutputTokens: outputTokensMax,
        responseSchema: {
          type: SchemaType.OBJECT,
          properties: {
            action: { type: SchemaType.STRING, format: 'enum', enum: ['sell', 'hold'] },
            sellWh: { type: SchemaType.INTEGER },
            english: { type: SchemaType.STRING },
            swahili: { type: SchemaType.STRING },
          },
          required: ['action', 'sellWh', 'english', 'swahili'],
        },
      },
    },
    baseUrl === undefined ? {} : { baseUrl: baseUrl.replace(/\/+$/, '') },
  );
  return (prompt) => askOnce(generative, prompt, timeoutMs);
}

async function askOnce(
  generative: GenerativeModel,
  prompt: string,
  timeoutMs: number,
): Promise<Result<string, CallProblem>> {
  // A signal, not the client's own time-out: that one leaves a timer behind after every call.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const { response } = await generative.generateContent(prompt, { signal });
    const [candidate] = response.candidates ?? [];
    if (response.promptFeedback?.blockReason) return fail({ why: 'the question was blocked' });
    if (candidate === undefined) return fail({ why: 'the answer is empty' });
    // A cut answer arrives as half a JSON text without any error.
    if (candidate.finishReason !== 'STOP') return fail({ why: 'the answer is not finished' });
    return ok(response.text());
  } catch (problem) {
    return fail(signal.aborted ? { why: `no answer within ${timeoutMs} ms` } : wordsFor(problem));
  }
}

function wordsFor(problem: unknown): CallProblem {
  if (problem instanceof GoogleGenerativeAIFetchError && problem.status !== undefined) {
    const retryMs = problem.status === 429 ? retryDelayMs(problem.errorDetails) : undefined;
    return {
      why: `the model's service answered ${problem.status}`,
      ...(retryMs === undefined ? {} : { retryMs }),
    };
  }
  // A captive portal's page is a bare SyntaxError.
  if (problem instanceof SyntaxError) return { why: "the answer is not the model's" };
  return { why: "the model's service is out of reach" };
}

/** `"37s"` in the RetryInfo of google.rpc; undefined when there is none. */
function retryDelayMs(details: GoogleGenerativeAIFetchError['errorDetails']): number | undefined {
  for (const detail of details ?? []) {
    const delay = detail['retryDelay'];
    const seconds =
      typeof delay === 'string' ? /^(\d{1,6}(?:\.\d+)?)s$/.exec(delay)?.[1] : undefined;
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1000);
  }
  return undefined;
}
