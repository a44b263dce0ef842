/** Clients that were let in and speak bytes. */
import { aByteClient, type ByteClient, hex } from './given.ts';
import { type ConnectSaid, connectSaid, subscribeSaid } from './said.ts';

export async function inside(
  port: number,
  user: string,
  differs: ConnectSaid = {},
): Promise<ByteClient> {
  const client = await aByteClient(port);
  client.say(connectSaid(user, differs));
  const [first, , , code] = hex(await client.hears());
  if (first !== 0x20 || code !== 0) throw new Error(`${user} was not let in: ${code}`);
  return client;
}

/** Flows that listen at QoS `qos`. */
export async function listening(
  port: number,
  clientId: string,
  filter: string,
  qos = 1,
  differs: ConnectSaid = {},
): Promise<ByteClient> {
  const client = await inside(port, 'flows', { clientId, ...differs });
  client.say(subscribeSaid(1, [filter, qos]));
  const answer = await client.hears();
  if (answer !== `900300010${qos}`) throw new Error(`not subscribed: ${answer}`);
  return client;
}
