/** The address that was proved last, across starts: a push must name one, even while no tunnel is open. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface LastAddress {
  read(): string | undefined;
  write(url: string | undefined): void;
}

const lengthMost = 200;

/** Kept in a file of mode 0600. A file that cannot be read or written is as good as none. */
export const lastAddressIn = (file: string): LastAddress => ({
  read: () => {
    try {
      const url = readFileSync(file, 'utf8').trim();
      return url.length <= lengthMost && URL.canParse(url) ? url : undefined;
    } catch {
      return undefined;
    }
  },
  write: (url) => {
    try {
      if (url === undefined) return rmSync(file, { force: true });
      writeFileSync(`${file}.new`, `${url}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // It is only a hint for the next start.
    }
  },
});
