/**
 * The localtunnel client, alone in a thread: ending the thread ends every retry of the client, which has no other end.
 * No message is listened for here, so that the thread ends by itself when the client has lost all of its sockets.
 */
import { parentPort, workerData } from 'node:worker_threads';
import openClient from 'localtunnel';

const client = await openClient(workerData);
// Without a listener the event would be thrown.
client.on('error', () => parentPort?.postMessage({ trouble: 'the tunnel server hung up' }));
parentPort?.postMessage({ url: client.url });
