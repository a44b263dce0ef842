// uncounted: it starts whole programs, again and again
// needs: g++ cmake ninja doctest libsodium
// timeout: 600s
/** Plants faults in the meter's core and sees a test turn red for each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { firmwareFolder, run } from './make.ts';

const mutants = suite("a fault planted in the meter's core");

/** The faults of the header, as `3 netted registers`. */
function faultsOfTheHeader(): string[] {
  const header = join(firmwareFolder, 'core/include/jirani/planted_fault.h');
  return [...readFileSync(header, 'utf8').matchAll(/^ {2}(\w+) = ([1-9]),$/gm)].map(
    ([, name = '', number]) =>
      `${number} ${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`,
  );
}

mutants('turns a test red, whichever it is', () => {
  const { stdout, status } = run(join(firmwareFolder, 'mutants'));
  const seen = stdout
    .split('\n')
    .filter((line) => line.startsWith('red '))
    .map((line) => /\d [a-z ]*[a-z]/.exec(line)?.[0].replace(/ +by$/, ''));
  assert.equal(seen, faultsOfTheHeader(), stdout);
  assert.is(faultsOfTheHeader().length, 5);
  assert.is(status, 0, stdout);
});

mutants.run();
