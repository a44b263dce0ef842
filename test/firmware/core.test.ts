// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja doctest libsodium
// timeout: 600s
/** Builds the meter's core for this computer and runs its own tests, the accuracy table among them. */
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFirmware, run } from './make.ts';

const core = suite("the meter's core");

/** The fewest test cases there have ever been; a file that falls out of the build is seen. */
const casesMin = 103;

/** `[doctest] test cases: 28 | 28 passed | 0 failed | 0 skipped`. */
const summary = /test cases: +(\d+) \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped/;

core('keeps all of its promises on this computer', () => {
  const tests = run(makeFirmware('firmware-tests'));
  process.stdout.write(tests.stdout);
  assert.is(tests.status, 0, tests.stdout + tests.stderr);
  const [, cases = 0, passed = 0, failed, skipped] = summary.exec(tests.stdout)?.map(Number) ?? [];
  assert.ok(cases >= casesMin, `only ${cases} test cases`);
  assert.equal([passed, failed, skipped], [cases, 0, 0]);
});

/** What the core may ask of whoever links it: C's memory functions and its square root. */
const fromOutside =
  /^(?:mem(?:cpy|set|cmp|move|chr)|str(?:len|cmp|ncmp|chr)|sqrt|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$/;

core('asks for no heap, no exceptions and no C++ library', () => {
  const library = join(dirname(makeFirmware('vectors')), 'core/libjirani_core.a');
  const symbols = run('nm', ['--format=posix', library]).stdout.split('\n');
  const named = (kinds: RegExp) =>
    symbols
      .map((line) => line.split(' '))
      .filter(([, kind = '']) => kinds.test(kind))
      .map(([name = '']) => name);
  const defined = new Set(named(/[A-TV-Z]/i));
  const missing = new Set(named(/U/).filter((name) => !defined.has(name)));
  assert.ok(defined.size > 100);
  assert.equal([...missing].filter((name) => !fromOutside.test(name)).sort(), []);
});

core.run();
