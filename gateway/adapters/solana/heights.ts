/** How far the chain has come, as its node tells it; for figures. */

export type Heights = Disposable & {
  /** Slots by commitment; empty before the first answer, and when the node has not answered of late. */
  now(): Readonly<Record<string, number>>;
};

const commitments = ['confirmed', 'finalized'] as const;
const askEveryMs = 30_000;
const answerMs = 5_000;
const staleMs = 3 * askEveryMs;

/** Asks the node (Solana RPC, getSlot) again and again until it is disposed. */
export function watchHeights(url: string): Heights {
  let [known, askedAtMs]: [Record<string, number>, number] = [{}, 0];
  const ask = async (): Promise<void> => {
    const answers = await Promise.all(commitments.map((commitment) => slotAt(url, commitment)));
    const found = commitments.flatMap((commitment, n) => {
      const slot = answers[n];
      return slot === undefined ? [] : [[commitment, slot] as const];
    });
    if (found.length === 0) return;
    [known, askedAtMs] = [Object.fromEntries(found), performance.now()];
  };
  void ask();
  const timer = setInterval(() => void ask(), askEveryMs);
  timer.unref();
  return {
    now: () => (performance.now() - askedAtMs > staleMs ? {} : known),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

async function slotAt(url: string, commitment: string): Promise<number | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSlot', params: [{ commitment }] }),
      signal: AbortSignal.timeout(answerMs),
    });
    const { result } = (await answer.json()) as { result?: unknown };
    return typeof result === 'number' ? result : undefined;
  } catch {
    return undefined;
  }
}
