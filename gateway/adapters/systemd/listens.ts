/** Whether something of ours really takes connections: asked through the machine's own network. */
import { connect } from 'node:net';

const connectMs = 2_000;

/** Rejects when nobody listens at the port on this machine. */
export const listensAt = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: connectMs });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error(`port ${port} does not answer`)));
    socket.once('error', () => reject(new Error(`nobody listens at port ${port}`)));
  });
