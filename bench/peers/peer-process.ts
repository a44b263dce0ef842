/** How a peer's process speaks with the bench: it says when it is ready, then answers questions. */
type Answer = Readonly<Record<string, unknown>>;

/** The process lives no longer than the bench. */
export function serveBench(
  ready: Answer,
  answers: Record<string, () => Answer | Promise<Answer>>,
): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (question: string) => {
    const answer = answers[question];
    if (answer === undefined) throw new Error(`nobody here answers ${question}`);
    Promise.resolve(answer()).then(
      (told) => process.send?.(told),
      (problem) => {
        throw problem;
      },
    );
  });
  process.send?.(ready);
}
