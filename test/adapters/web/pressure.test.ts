import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openedWeb } from './fake-desk.ts';

const pressing = suite('a hub short of memory');

pressing('lets pages wait, and still says that it lives', async () => {
  await using hub = await openedWeb({ limits: { residentBytesMax: 1 } });
  // The memory is looked at once a second.
  let status = 0;
  for (const end = performance.now() + 8_000; status !== 503 && performance.now() < end; ) {
    ({ status } = await hub.call('/api/board'));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { headers, json } = await hub.call('/api/board');
  assert.is(status, 503);
  assert.is(headers.get('retry-after'), '5');
  assert.is(json.title, 'Too busy');
  assert.is((await hub.call('/health/live')).status, 200);
  const { text } = await hub.call('/metrics', { headers: {} });
  assert.match(text, 'Too busy', 'figures wait too; Prometheus notes that they did');
});

const crowding = suite('a crowd before the HTTP port');

crowding('who comes beyond the last place is turned away and counted', async () => {
  await using hub = await openedWeb({ limits: { connectionsMax: 2 } });
  const port = Number(new URL(hub.web.url).port);
  const sockets = [1, 2, 3].map(() => connect(port, '127.0.0.1').on('error', () => {}));
  // The first two say nothing and keep their places; one of all three is gone at once.
  await Promise.race(sockets.map((socket) => new Promise((gone) => socket.once('close', gone))));
  for (const socket of sockets) socket.destroy();
  let text = '';
  for (const end = performance.now() + 5_000; text === '' && performance.now() < end; )
    text = await hub.call('/metrics', { headers: {} }).then(
      (answer) => answer.text,
      () => '',
    );
  assert.match(text, /^jirani_http_connections_dropped_total [1-9]/m);
});

pressing.run();
crowding.run();
