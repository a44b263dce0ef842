/** A second opinion from Gemini: asked seldom, within a deadline, and never missed when it does not come. */
import { fail, ok, type Result } from '../../core/result.ts';
import { dayMs } from '../../core/slot.ts';
import type { AdviceQuestion, Opinion, OutsideHealth, SecondOpinion } from '../../ports/advice.ts';
import { openAnswers } from './answers.ts';
import { type CallProblem, geminiCall } from './gemini-call.ts';
import { keyOf, promptFor, readOpinion } from './opinion-form.ts';

export type GeminiOptions = {
  /** Undefined: the hub trades on its own rule. */
  readonly apiKey: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly model?: string | undefined;
  /** Monotonic machine ms. */
  readonly elapsedMs: () => number;
  readonly callsPerDay?: number;
  /** Machine ms that one question may take. */
  readonly timeoutMs?: number;
};

const modelDefault = 'gemini-3.5-flash-lite';
const timeoutDefaultMs = 4_000;
const callsPerDayDefault = 100;
/** Questions on their way at once; a neighbourhood asks all its households in one breath. */
const callsAtOnce = 4;
const failuresToRest = 3;
const restMs = 300_000;
const retryLeastMs = 1_000;
const retryMostMs = 3_600_000;

export function openGemini(options: GeminiOptions): SecondOpinion {
  const { apiKey, elapsedMs, model = modelDefault } = options;
  if (apiKey === undefined) return noOpinion;
  const { baseUrl, timeoutMs = timeoutDefaultMs } = options;
  const call = geminiCall({ apiKey, baseUrl, model, timeoutMs });
  const answers = openAnswers(elapsedMs);
  const allowance = openAllowance(elapsedMs, options.callsPerDay ?? callsPerDayDefault);
  const rest = openRest(elapsedMs);
  let calling = 0;

  const askModel = async (prompt: string): Promise<Result<Opinion, CallProblem>> => {
    calling += 1;
    const answer = await call(prompt);
    calling -= 1;
    if (!answer.ok) return answer;
    const said = readOpinion(answer.value);
    return said === undefined
      ? fail({ why: 'the answer has another form' })
      : ok({
          ...{ ...said, model, prompt },
          promptHash: keyOf(prompt),
          answerHash: keyOf(answer.value),
        });
  };

  return {
    async ask(question: AdviceQuestion) {
      const prompt = promptFor(question);
      const key = keyOf(prompt);
      const known = answers.find(key);
      if (known !== undefined) return ok(known);
      if (rest.resting()) return fail('the model rests after failures');
      if (calling >= callsAtOnce) return fail('too many questions at once');
      if (!allowance.take()) return fail("the day's questions are used up");
      const opinion = await askModel(prompt);
      rest.note(opinion);
      if (!opinion.ok) return fail(opinion.error.why);
      answers.keep(key, opinion.value);
      return opinion;
    },
    health: () => rest.health(),
  };
}

const noOpinion: SecondOpinion = {
  ask: () => Promise.resolve(fail('no key for the model is set')),
  health: () => ({ mode: 'off', state: 'unknown', detail: 'no key for the model is set' }),
};

/** After three failures in a row nothing is asked for five minutes, after a 429 as long as it says. */
function openRest(elapsedMs: () => number) {
  let failures = 0;
  let untilMs = Number.NEGATIVE_INFINITY;
  let asked = false;
  let detail = 'not asked yet';
  const resting = (): boolean => elapsedMs() < untilMs;
  const state = (): OutsideHealth['state'] => {
    if (resting()) return 'resting';
    if (!asked) return 'unknown';
    return failures === 0 ? 'ok' : 'unreachable';
  };
  return {
    resting,
    note(opinion: Result<Opinion, CallProblem>) {
      asked = true;
      failures = opinion.ok ? 0 : failures + 1;
      detail = opinion.ok ? '' : opinion.error.why;
      if (opinion.ok) return;
      const { retryMs } = opinion.error;
      if (retryMs !== undefined) {
        untilMs = elapsedMs() + Math.max(retryLeastMs, Math.min(retryMs, retryMostMs));
      } else if (failures >= failuresToRest) {
        untilMs = elapsedMs() + restMs;
      }
    },
    health: (): OutsideHealth => ({ mode: 'on', state: state(), detail }),
  };
}

/** Calls per 24 hours of machine time: what the keeper is willing to pay for. */
function openAllowance(elapsedMs: () => number, callsPerDay: number) {
  let dayBeganMs = elapsedMs();
  let taken = 0;
  return {
    take(): boolean {
      if (elapsedMs() - dayBeganMs >= dayMs) {
        dayBeganMs = elapsedMs();
        taken = 0;
      }
      if (taken >= callsPerDay) return false;
      taken += 1;
      return true;
    },
  };
}
