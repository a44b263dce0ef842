/** What programs say that a test starts and listens to itself: kept for the check of everything that was printed. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['JIRANI_TRANSCRIPTS'];

/** Adds to the transcript of this test file, when somebody asked for one. */
export function writeDown(text: string): void {
  if (folder !== undefined) appendFileSync(join(folder, String(process.pid)), text);
}
