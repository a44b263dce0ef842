/** A hub of nothing but a tunnel's program, to be killed: says the address that the program names. */
import { commandBackend } from '../../../gateway/adapters/tunnel/command.ts';

const [script = ''] = process.argv.slice(2);
const backend = commandBackend({ words: [process.execPath, '-e', script], say: () => {} });
const { url } = await backend.open(5001, new AbortController().signal);
process.send?.(url);
