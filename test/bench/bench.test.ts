/** scripts/bench as it is called. */
import { spawnSync } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const bench = suite('scripts/bench');
const call = (...words: string[]) =>
  spawnSync(process.execPath, ['scripts/bench.ts', ...words], {
    ...{ cwd: new URL('../../', import.meta.url), encoding: 'utf8', timeout: 60_000 },
  });

bench('lists the benches when it is given no name', () => {
  const { status, stdout } = call();
  assert.is(status, 0);
  assert.match(stdout, /^ingest {2}\S/m);
});

bench('knows nothing of a bench or a part that does not exist', () => {
  const nobody = call('breakfast');
  assert.is(nobody.status, 2);
  assert.match(nobody.stderr, /no bench has the name breakfast/);
  const part = call('ingest', '--quick', '--only', 'breakfast');
  assert.is(part.status, 2);
  assert.match(part.stderr, /--only is one of latency/);
});

bench('writes its report only about figures that can be quoted', () => {
  const { status, stderr } = call('ingest', '--quick', '--report');
  assert.is(status, 2);
  assert.match(stderr, /--report needs figures that can be quoted/);
});

bench.run();
