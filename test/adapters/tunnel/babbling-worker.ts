/** A client that names no address. */
import { parentPort } from 'node:worker_threads';

parentPort?.postMessage({ url: 'not an address', more: [1, 2, 3] });
setInterval(() => {}, 1_000);
