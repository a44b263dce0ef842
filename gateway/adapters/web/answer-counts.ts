/** Counts what the HTTP port answers and whom it turns away, by status alone: no address, no path. */
import type { Figure } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

/** Must be called before routes are added. Returns the figures of the port. */
export function countAnswers(app: WebApp): () => Figure[] {
  const answers = new Map<number, number>();
  let [connections, dropped, overSeconds] = [0, 0, 0];
  app.addHook('onResponse', async (_request, { statusCode, elapsedTime }) => {
    answers.set(statusCode, (answers.get(statusCode) ?? 0) + 1);
    overSeconds += elapsedTime / 1_000;
  });
  app.server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
  });
  app.server.on('drop', () => {
    dropped += 1;
  });
  const figure = (name: string, help: string, kind: Figure['kind'], value: number): Figure => ({
    ...{ name: `jirani_http_${name}`, help, kind, value },
  });
  return () => [
    ...[...answers].map(([status, value]) => ({
      ...figure('answers_total', 'Answers of the HTTP port', 'counter', value),
      labels: { status: String(status) },
    })),
    figure('answer_seconds_total', 'Time until answers were given', 'counter', overSeconds),
    figure('connections', 'Connections to the HTTP port', 'gauge', connections),
    figure('connections_dropped_total', 'Turned away: no place was free', 'counter', dropped),
  ];
}
