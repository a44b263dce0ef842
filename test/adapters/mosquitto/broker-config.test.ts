// needs: mosquitto
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readExternalUser } from '../../../gateway/adapters/mosquitto/external-user.ts';
import { aFolder, run } from '../../commands/programs.ts';
import {
  arrived,
  aSink,
  aVisitor,
  beginIn,
  freePort,
  hangUp,
  readingTopic,
  until,
} from './given.ts';

const preparing = suite('a Mosquitto that was prepared by the command line');

preparing('lets in whom the books know, and after a reload nobody who was revoked', async () => {
  using folder = aFolder();
  const dataDir = join(folder.path, 'data');
  const broker = join(folder.path, 'broker');
  const hub = async (...words: string[]) => {
    const ended = await run(words, { HUB_DATA_DIR: dataDir }, { cwd: folder.path });
    assert.is(ended.code, 0, ended.stderr);
    return ended.stdout;
  };
  const addMeter = async (place: string) =>
    JSON.parse(await hub('meters', 'add', '--household', 'h1', '--place', place, '--json'));
  await hub('households', 'add', '--id', 'h1', '--name', 'Corner', '--phone', '0712345678');
  const grid = await addMeter('grid');
  const port = await freePort();
  const configure = () =>
    hub('broker', 'config', broker, '--port', String(port), '--persistence', broker);
  await configure();
  await using house = await beginIn(broker, port);

  const sink = aSink();
  const { gateway } = readExternalUser(dataDir) ?? {};
  await using gate = await arrived(sink, house.url, gateway);
  await using first = await aVisitor(port, grid.username, { password: grid.password });
  await first.publishAsync(readingTopic(grid.meterId), 'of the grid', { qos: 1 });
  await until('a reading', () => sink.taken.length === 1);

  const pv = await addMeter('pv');
  await hub('meters', 'revoke', grid.meterId);
  await configure();
  const hungUp = hangUp(first);
  house.signal('SIGHUP');
  await hungUp;
  await using second = await aVisitor(port, pv.username, { password: pv.password });
  await second.publishAsync(readingTopic(pv.meterId), 'of the roof', { qos: 1 });
  await until('a reading of the new meter', () => sink.taken.length === 2);
  const refused = await aVisitor(port, grid.username, { password: grid.password }).catch(
    () => 'no',
  );
  assert.is(refused, 'no');
  void gate;
});

preparing.run();
