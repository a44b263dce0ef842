// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja
// timeout: 900s
/** Hostile bytes for whatever a meter reads, under the address and undefined-behaviour sanitizers. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFirmware, run } from './make.ts';

const fuzzing = suite('10: what a meter reads from others');

const inputs = process.env['JIRANI_TEST_SEEDS'] === 'full' ? 1_000_000 : 20_000;

for (const what of ['mqtt', 'command', 'config', 'setup']) {
  fuzzing(`may be anything: ${what}`, () => {
    const { stdout, stderr, status } = run(makeFirmware(`fuzz_${what}`, { sanitize: true }), [
      String(inputs),
    ]);
    assert.is(status, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`^${what}: clean$`, 'm'));
  });
}

fuzzing.run();
