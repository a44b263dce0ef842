/** What is believed of a tunnel, and what a push is told; times are hundredths. */
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LastAddress } from '../../../gateway/adapters/tunnel/last-address.ts';
import { openProbe } from '../../../gateway/adapters/tunnel/probe.ts';
import { staticBackend } from '../../../gateway/adapters/tunnel/static.ts';
import type { Visit } from '../../../gateway/adapters/tunnel/visit.ts';
import type { TunnelBackend } from '../../../gateway/ports/tunnel.ts';
import { givenTunnel, hubKey, ourUrl, waitFor } from './given-tunnel.ts';

const believing = suite('what the hub believes of its tunnel');

/** A tunnel that opens at once, and is told when to fall; its public side is played. */
function aTunnel(urls: readonly string[] = ['https://one.example']) {
  const opened: string[] = [];
  const closed: string[] = [];
  let fall: (why: string) => void = () => {};
  const backend: TunnelBackend = {
    name: 'command',
    knownUrl: undefined,
    open: async () => {
      const url = urls[Math.min(opened.length, urls.length - 1)] ?? '';
      opened.push(url);
      return {
        url,
        close: async () => void closed.push(url),
        onDown: (hear) => {
          fall = hear;
        },
      };
    },
  };
  return { backend, opened, closed, fall: (why: string) => fall(why) };
}

/** The public side: this hub, nobody, or somebody else with a key of their own. */
function aPublicSide() {
  const [us, them] = [hubKey, Buffer.from('another key')].map((key) =>
    openProbe({ hubKey: key, timeoutMs: 1_000 }),
  );
  const side = { who: 'us' as 'us' | 'them' | 'nobody' | 'a page', asked: 0 };
  const visit: Visit = async (url) => {
    side.asked += 1;
    const nonce = /\/\.hub\/probe\/([0-9a-f]{32})$/.exec(url)?.[1] ?? '';
    if (side.who === 'nobody') throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    if (side.who === 'a page') return { status: 401, text: '<html>' };
    const text = (side.who === 'us' ? us : them)?.answer(nonce) ?? '';
    return { status: 200, text };
  };
  return { side, visit };
}

believing('6: a probe that is answered with another hub’s proof is no proof', async () => {
  const { side, visit } = aPublicSide();
  const { backend, closed } = aTunnel();
  await using hub = await givenTunnel({ backend, visit });
  await hub.becomes('up');
  assert.is(hub.tunnel.url(), 'https://one.example');
  side.who = 'them';
  await hub.becomes('degraded');
  assert.is(hub.tunnel.url(), undefined, 'nobody’s phone number goes to a stranger');
  await hub.becomes('down');
  assert.is(hub.tunnel.health().detail, 'somebody else answers there');
  assert.is(closed.length, 1);
  side.who = 'us';
  await hub.becomes('up');
  assert.is(hub.tunnel.url(), 'https://one.example');
});

believing('an address of the keeper’s own goes with a push even when it leads astray', async () => {
  const { side, visit } = aPublicSide();
  side.who = 'them';
  await using hub = await givenTunnel({ backend: staticBackend('https://hub.example'), visit });
  await hub.becomes('down');
  assert.is(hub.tunnel.url(), 'https://hub.example');
  side.who = 'us';
  await hub.becomes('up');
});

believing(
  'one failed probe shakes it, a second opens it anew, a good one in between forgives',
  async () => {
    const { side, visit } = aPublicSide();
    const { backend, opened } = aTunnel();
    await using hub = await givenTunnel({ backend, visit });
    await hub.becomes('up');
    side.who = 'nobody';
    await hub.becomes('degraded');
    side.who = 'us';
    await hub.becomes('up');
    assert.is(opened.length, 1);
    side.who = 'nobody';
    await hub.becomes('down');
    assert.match(hub.tunnel.health().detail, /no answer \(ECONNREFUSED\)/);
    await waitFor('it is opened again', () => opened.length === 2);
  },
);

believing('what the tunnel says of itself only makes it look sooner', async () => {
  const { visit } = aPublicSide();
  const { backend, fall, closed } = aTunnel(['https://one.example', 'https://two.example']);
  await using hub = await givenTunnel({ backend, visit });
  await hub.becomes('up');
  fall('the program ended (1)');
  await hub.becomes('down');
  assert.equal(closed, ['https://one.example']);
  await waitFor('the other address', () => hub.tunnel.url() === 'https://two.example');
  assert.equal([hub.tunnel.health().state, hub.tunnel.health().generation], ['up', 2]);
});

believing('an old proof is renewed before a phone is asked, once for all who ask', async () => {
  const { side, visit } = aPublicSide();
  const { backend } = aTunnel();
  const times = { probeEveryMs: 60_000, proofLastsMs: 400 };
  await using hub = await givenTunnel({ backend, visit, times });
  await hub.becomes('up');
  assert.equal([await hub.tunnel.prove(), side.asked], [true, 1], 'the first is fresh');
  await sleep(450);
  assert.equal(await Promise.all([hub.tunnel.prove(), hub.tunnel.prove()]), [true, true]);
  assert.is(side.asked, 2);
  await sleep(450);
  side.who = 'nobody';
  assert.is(await hub.tunnel.prove(), false);
  await hub.becomes('down');
  const began = performance.now();
  assert.is(await hub.tunnel.prove(), false);
  assert.ok(performance.now() - began < 300, 'nobody waits for a tunnel that is known to be down');
});

believing(
  'the last address is remembered across starts, and forgotten when a stranger has it',
  async () => {
    const { side, visit } = aPublicSide();
    side.who = 'nobody';
    let kept: string | undefined = 'https://before.example';
    const lastAddress: LastAddress = {
      read: () => kept,
      write: (url) => {
        kept = url;
      },
    };
    const { backend } = aTunnel();
    await using hub = await givenTunnel({ backend, visit, lastAddress });
    assert.is(hub.tunnel.url(), 'https://before.example');
    side.who = 'us';
    await hub.becomes('up');
    assert.is(kept, 'https://one.example');
    side.who = 'them';
    await hub.becomes('degraded');
    assert.is(kept, undefined);
  },
);

believing('a long outage is told once in the log, and its end once', async () => {
  const { side, visit } = aPublicSide();
  const { backend, opened } = aTunnel();
  await using hub = await givenTunnel({ backend, visit, times: { openTimeoutMs: 100 } });
  await hub.becomes('up');
  side.who = 'nobody';
  await waitFor('a fourth opening', () => opened.length === 4);
  side.who = 'us';
  await hub.becomes('up');
  const told = hub.log.lines.flatMap((line) => /^tunnel .*"state":"(\w+)"/.exec(line)?.[1] ?? []);
  assert.equal(told, ['up', 'degraded', 'down', 'up']);
});

believing('closing closes the tunnel, whatever it is doing', async () => {
  for (const who of ['us', 'nobody', 'a page'] as const) {
    const { side, visit } = aPublicSide();
    side.who = who;
    const { backend, opened, closed } = aTunnel();
    {
      await using hub = await givenTunnel({ backend, visit });
      await waitFor('it has been opened', () => opened.length > 0);
      assert.ok(hub);
    }
    assert.equal(closed, opened);
    await sleep(200);
    assert.equal(closed, opened);
  }
});

believing(
  'a public answer to a stranger’s numbers has its limit, and ours goes beyond it',
  async () => {
    const probe = openProbe({
      ...{ hubKey, timeoutMs: 1_000 },
      visit: async (url) => {
        const nonce = url.slice(-32);
        for (let knock = 0; knock < 50; knock += 1) probe.answer('0'.repeat(32));
        return { status: 200, text: probe.answer(nonce) ?? '' };
      },
    });
    const answered = Array.from({ length: 50 }, () => probe.answer('1'.repeat(32)));
    assert.is(answered.filter((text) => text !== undefined).length, 5);
    assert.is((await probe.ask(ourUrl)).outcome, 'proved');
  },
);

believing.run();
