/** The corner house with a wallet of its own, on a local ledger. */
import {
  createApproveCheckedInstruction,
  createAssociatedTokenAccountIdempotentInstruction,
  createTransferCheckedInstruction,
  getAssociatedTokenAddressSync,
} from '@solana/spl-token';
import {
  Connection,
  Keypair,
  PublicKey,
  Transaction,
  type TransactionInstruction,
} from '@solana/web3.js';
import * as assert from 'uvu/assert';
import { openLocalLedger } from '../../gateway/adapters/solana/embedded/server.ts';
import { openChainReader } from '../../gateway/adapters/solana/read-chain.ts';
import { openTokenChain } from '../../gateway/adapters/solana/token-chain.ts';
import { verifyChain } from '../../gateway/commands/chain-verdict.ts';
import type { HouseholdId, TokenIntentId } from '../../gateway/core/ids.ts';
import type { EnergyAccount, Posting } from '../../gateway/core/ledger.ts';
import { dayMs, hourMs, slotAt, startOfDay } from '../../gateway/core/slot.ts';
import type { TokenIntent } from '../../gateway/core/token.ts';
import { epochMs, slotNumber, wattHours } from '../../gateway/core/units.ts';
import type { DeedKind } from '../../gateway/ports/books/deeds.ts';
import { burnUsed } from '../../gateway/steps/burn-used.ts';
import { lookAtWallet } from '../../gateway/steps/look-at-wallet.ts';
import { payTrades } from '../../gateway/steps/pay-trades.ts';
import { requestTopup } from '../../gateway/steps/request-topup.ts';
import { settleTokens } from '../../gateway/steps/settle-tokens.ts';
import { aClock, aFolder, valueIn } from '../adapters/solana/neighbours.ts';
import { type GivenHub, given } from '../support/given.ts';
import { corner, kiosk, nine, tailor } from '../support/neighbourhood.ts';

export type OwnScene = Disposable & {
  readonly hub: GivenHub;
  readonly owner: Keypair;
  readonly pass: (slots: number) => void;
  readonly fetch: typeof fetch;
  /** What the owner does with a phone. */
  act(...instructions: TransactionInstruction[]): Promise<void>;
  approve(energyWh: number, delegate?: PublicKey): Promise<void>;
  readonly account: PublicKey;
  readonly mint: PublicKey;
  readonly hubKey: PublicKey;
  look(): Promise<void>;
  differences(): Promise<readonly object[]>;
};

/** The corner house has brought its own wallet, and has 9 kWh to sell to a kiosk with KES 90. */
export async function aHouseWithItsOwnKey(wallets = { [kiosk]: 9_000 }): Promise<OwnScene> {
  const folder = aFolder();
  const clock = aClock(60_000);
  const ledger = openLocalLedger({ file: `${folder.path}/ledger.db`, clock });
  const hub = given({ energy: { [corner]: 9_000 }, need: { [kiosk]: 500 }, wallets });
  const urls = ['http://embedded.invalid'];
  const { fetch } = ledger;
  const chain = await openTokenChain({
    ...{ cluster: 'embedded', urls, keyDir: `${folder.path}/keys`, fetch },
    ownAddress: (household: HouseholdId) => hub.books.tokens.ownAddress(household),
  });
  const facts = valueIn(await chain.prepare());
  hub.books.tokens.noteChain(facts);
  Object.assign(hub, { chain });
  const owner = Keypair.fromSeed(Buffer.alloc(32, 5));
  const mint = new PublicKey(facts.mint);
  const hubKey = new PublicKey(facts.hub);
  const account = getAssociatedTokenAddressSync(mint, owner.publicKey);
  valueIn(hub.books.wallets.bring(corner, owner.publicKey.toBase58(), nine));
  for (const who of [kiosk, tailor])
    hub.books.tokens.noteOwner(who, chain.addressOf(who), epochMs(0));
  const connection = new Connection(urls[0] ?? '', { fetch, commitment: 'confirmed' });
  await connection.requestAirdrop(owner.publicKey, 1_000_000_000);
  const act = async (...instructions: TransactionInstruction[]) => {
    const latest = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: owner.publicKey, ...latest });
    transaction.add(...instructions);
    transaction.sign(owner);
    await connection.sendRawTransaction(transaction.serialize());
    clock.passSlots(2);
  };
  const { genesisHash } = facts;
  const reader = valueIn(
    await openChainReader({ urls, genesisHash, mint: facts.mint, callDeadlineMs: 1_000, fetch }),
  );
  return {
    ...{ hub, owner, account, mint, hubKey, act, fetch, pass: clock.passSlots },
    approve: (energyWh, delegate = hubKey) =>
      act(
        createAssociatedTokenAccountIdempotentInstruction(
          ...([owner.publicKey, account, owner.publicKey, mint] as const),
        ),
        createApproveCheckedInstruction(account, mint, delegate, owner.publicKey, energyWh, 3),
      ),
    look: () => lookAtWallet(hub, corner),
    differences: async () => valueIn(await verifyChain(reader, hub.books.tokenAudit)).differences,
    [Symbol.dispose]: () => {
      hub[Symbol.dispose]();
      ledger[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** What the journey does: events lead to steps, deeds are done once each. */
export async function goOn(scene: OwnScene): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    follow(scene.hub);
    for (const deed of scene.hub.books.deeds.due(epochMs(Number.MAX_SAFE_INTEGER), 50))
      await doers[deed.kind]?.(scene.hub, deed.subject);
    scene.pass(2);
  }
}

const doers: Partial<Record<DeedKind, (hub: GivenHub, subject: string) => Promise<void>>> = {
  'look-at-wallet': lookAtWallet,
  'send-tokens': settleTokens,
};

function follow(hub: GivenHub): void {
  for (const event of hub.told.splice(0)) {
    if (event.name === 'funds.checked') payTrades(hub, event.buyer);
    else if (event.name === 'funds.missing') requestTopup(hub, event);
    else hub.told.push(event);
  }
}

/** Wh postings and moves that a slot brings. */
export function closeWith(
  hub: GivenHub,
  postings: readonly Posting[],
  intents: readonly TokenIntent[],
) {
  const slot = hub.books.energy.nextSlot() ?? slotNumber(0);
  const nothing = { energies: [], counted: new Map(), roundDue: false };
  hub.books.energy.closeSlot({ slot, at: hub.clock.now(), ...nothing, postings, intents });
}
export const wh = (
  key: string,
  from: EnergyAccount,
  to: EnergyAccount,
  amount: number,
): Posting => ({
  ...{ key, unit: 'Wh', from, to, amount: wattHours(amount) },
});

/** The corner house's wallet holds 2 kWh that it got from the tailor. */
export async function aGift(scene: OwnScene): Promise<void> {
  const { hub } = scene;
  const intent: TokenIntent = {
    ...{ id: hub.ids.fresh() as TokenIntentId, kind: 'transfer', trade: undefined },
    ...{ reference: 'gift', from: tailor, to: corner, energyWh: wattHours(2_000) },
    ...{ mintWh: wattHours(2_000), memo: hub.ids.fresh(), state: 'open', signature: undefined },
  };
  const made = wh('made', 'exported', `energy:${tailor}`, 2_000);
  closeWith(hub, [made, wh('given', `energy:${tailor}`, `bought:${corner}`, 2_000)], [intent]);
  await scene.look();
  assert.is(hub.books.wallets.of(corner)?.leftWh, 0, 'on its way is not gone');
  await goOn(scene);
}

/** Somebody outside the neighbourhood. */
export const stranger = Keypair.fromSeed(Buffer.alloc(32, 6));

/** The owner sends tokens to somebody who is no neighbour, or to whom the test says. */
export const moveOff = (
  { act, mint, account, owner }: OwnScene,
  energyWh: number,
  to = stranger.publicKey,
): Promise<void> => act(...sending(mint, owner.publicKey, account, to, energyWh));

/** The stranger sends tokens to the owner of an address. */
export async function sendIn(scene: OwnScene, to: string, energyWh: number): Promise<void> {
  const { mint, fetch, pass } = scene;
  const connection = new Connection('http://embedded.invalid', { fetch, commitment: 'confirmed' });
  const purse = stranger.publicKey;
  await connection.requestAirdrop(purse, 1_000_000_000);
  const account = getAssociatedTokenAddressSync(mint, purse);
  const transaction = new Transaction({
    ...{ feePayer: purse, ...(await connection.getLatestBlockhash()) },
  });
  transaction.add(...sending(mint, purse, account, new PublicKey(to), energyWh));
  transaction.sign(stranger);
  await connection.sendRawTransaction(transaction.serialize());
  pass(2);
}

function sending(mint: PublicKey, payer: PublicKey, from: PublicKey, to: PublicKey, wh: number) {
  const there = getAssociatedTokenAddressSync(mint, to);
  return [
    createAssociatedTokenAccountIdempotentInstruction(payer, there, to, mint),
    createTransferCheckedInstruction(from, mint, there, payer, wh, 3),
  ];
}

const twoAtNight = slotNumber(slotAt(epochMs(startOfDay(nine) + dayMs + 2 * hourMs)) - 1);
export const burnTonight = (hub: GivenHub) =>
  burnUsed(hub, { name: 'slot.closed', inTime: true, slot: twoAtNight });
