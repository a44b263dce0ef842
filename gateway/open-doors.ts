/** Opens what people, programs and M-Pesa knock at: the HTTP API with the page, and the callback listener. */
import { watchHeights } from './adapters/solana/heights.ts';
import type { OpenBooks } from './adapters/sqlite/open.ts';
import type { BookViews } from './adapters/sqlite/views.ts';
import type { BoardView } from './adapters/web/board-view.ts';
import { openCallbackListener } from './adapters/web/callback-listener.ts';
import { openWeb } from './adapters/web/open-web.ts';
import type { WebOptions } from './adapters/web/web-options.ts';
import type { Config } from './config.ts';
import type { Advisors } from './open-advice.ts';
import type { AskFirst } from './open-ask-first.ts';
import { boardOf, readinessOf } from './open-board.ts';
import { openClockDesk } from './open-clock.ts';
import { openCallbackDesk, openDesk } from './open-desk.ts';
import { openDoctorDesk } from './open-desk-doctor.ts';
import { openGiftDesk } from './open-desk-gifts.ts';
import { openKeeperDesk } from './open-desk-keeper.ts';
import { openKeeperSessions } from './open-desk-keeper-session.ts';
import { openMeDesk } from './open-desk-me.ts';
import { openMeterDesk } from './open-desk-meters.ts';
import { openMoneyDesk } from './open-desk-money.ts';
import { openSessionDesk } from './open-desk-session.ts';
import { openWalletDesk } from './open-desk-wallets.ts';
import { type FigureNeeds, figuresOf, type HubCounts } from './open-figures.ts';
import type { Flows } from './open-flows.ts';
import type { HubKeys } from './open-keys.ts';
import { tradeLog } from './open-trade-log.ts';
import type { HubTunnel } from './open-tunnel.ts';
import type { MeterBroker } from './ports/broker.ts';
import type { Desk } from './ports/desk.ts';
import type { HubClock } from './ports/hub-clock.ts';
import type { Needs } from './ports/needs.ts';
import type { Story } from './story.ts';
import { version } from './version.ts';

type DoorNeeds = {
  readonly needs: Needs;
  readonly views: BookViews;
  readonly books: Pick<OpenBooks, 'me' | 'households' | 'sessions' | 'load'>;
  readonly askFirst: AskFirst;
  readonly config: Config;
  readonly broker: MeterBroker;
  readonly advice: Pick<Advisors, 'weather' | 'forecasts'>;
  readonly story: Story;
  readonly keys: HubKeys;
  readonly flows: Flows;
  readonly clock: HubClock;
  readonly counts: HubCounts;
  readonly readings: FigureNeeds['readings'];
  readonly tunnel: Pick<HubTunnel, 'answer' | 'view' | 'desk' | 'figures'>;
};

export type Doors = AsyncDisposable & {
  readonly httpPort: number;
  readonly callbackPort: number;
  readonly board: () => BoardView;
  readonly status: Desk['status'];
};

/** `kept` is called after a callback is on disk. Rejects when a port is taken. */
export async function openDoors(parts: DoorNeeds, kept: () => void): Promise<Doors> {
  const { needs, views, books, config, broker, advice, story, keys, askFirst, flows } = parts;
  const { tunnel, clock } = parts;
  await using opening = new AsyncDisposableStack();
  const listener = opening.use(
    await openCallbackListener({
      port: config.CALLBACK_PORT,
      desk: openCallbackDesk({ hub: needs }, kept),
      probe: tunnel.answer,
      log: needs.log,
    }),
  );
  const desk = openDesk({
    hub: needs,
    views,
    config,
    broker,
    flows,
    tunnel,
    clock,
    ...advice,
    version,
  });
  const board = () => boardOf(needs, views);
  const figured = figuredOf(parts, listener, opening);
  const web = opening.use(
    await openWeb({
      host: config.HUB_LISTEN,
      port: config.HTTP_PORT,
      money: openMoneyDesk(needs),
      gifts: openGiftDesk(needs),
      wallets: openWalletDesk(needs),
      meters: openMeterDesk(needs, kept),
      clock: openClockDesk(clock),
      doctor: openDoctorDesk(needs, broker.port),
      tunnel: tunnel.desk(() => listener.counts().unknown),
      household: {
        me: openMeDesk({ hub: needs, views: books.me, config, askFirst, cards: flows.cards }),
        sessions: openSessionDesk({ books }),
        nudges: flows.onCards,
      },
      keeper: keeperOf(parts),
      desk,
      operatorToken: keys.operatorToken,
      ...(flows.keys === undefined
        ? {}
        : {
            readToken: flows.keys.readToken,
            boardPort: () => flows.nodeRed?.port ?? config.NODE_RED_PORT,
          }),
      events: story,
      board,
      readiness: () => readinessOf(needs),
      metrics: () => [...figuresOf({ ...figured, gates: flows.counts() }), ...tunnel.figures()],
      log: needs.log,
      version,
    }),
  );
  const open = opening.move();
  return {
    httpPort: web.port,
    callbackPort: listener.port,
    board,
    status: desk.status,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What figures are read from; the chain's height is asked from now on, and events are counted. */
function figuredOf(
  parts: DoorNeeds,
  callbacks: FigureNeeds['callbacks'],
  opening: AsyncDisposableStack,
): Omit<FigureNeeds, 'gates'> {
  const { needs, books, readings, broker, clock, counts, config, story } = parts;
  story.subscribe(counts.hear);
  story.subscribe(tradeLog({ links: books.load, log: needs.log }));
  const heights = opening.use(watchHeights(config.SOLANA_RPC_URLS?.[0] ?? ''));
  return {
    ...{ needs, readings, broker, callbacks, clock, counts, heights },
    ...{ load: books.load, dataDir: config.HUB_DATA_DIR },
  };
}

function keeperOf({
  needs,
  views,
  config,
  broker,
  flows,
  keys,
}: DoorNeeds): NonNullable<WebOptions['keeper']> {
  return {
    sessions: openKeeperSessions(keys),
    desk: openKeeperDesk({
      ...{ hub: needs, views, config, version, online: broker.online },
      editorPort: () =>
        flows.keys === undefined ? undefined : (flows.nodeRed?.port ?? config.NODE_RED_PORT),
    }),
  };
}
