/** The library below our broker, as it comes: accepts readings, stores nothing. */
import { type AddressInfo, createServer } from 'node:net';
import { Aedes } from 'aedes';
import { serveBench } from './peer-process.ts';

const aedes = await Aedes.createBroker();
const server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
  serveBench({ port: (server.address() as AddressInfo).port }, {}),
);
