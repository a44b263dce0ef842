import { getAssociatedTokenAddressSync } from '@solana/spl-token';
import { ComputeBudgetProgram, Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  isMarkerTaken,
  type MovePlan,
  markerFor,
  moveInstructions,
  referenceFor,
} from '../../../gateway/adapters/solana/instructions.ts';
import { burnsTogetherMost } from '../../../gateway/core/token.ts';
import { wattHours } from '../../../gateway/core/units.ts';

const [hub, mint, mintAuthority, seller, buyer] = Array.from({ length: 5 }, () =>
  Keypair.generate(),
) as [Keypair, Keypair, Keypair, Keypair, Keypair];
const secret = new Uint8Array(32).fill(7);
const holder = ({ publicKey }: Keypair) => ({
  owner: publicKey,
  tokenAccount: getAssociatedTokenAddressSync(mint.publicKey, publicKey),
  isNew: true,
});

/** Everything that a move can need at once. */
const aPlan = async (differing: Partial<MovePlan> = {}): Promise<MovePlan> => ({
  hub: hub.publicKey,
  mint: mint.publicKey,
  mintAuthority: mintAuthority.publicKey,
  marker: await markerFor(hub.publicKey, secret, 'intent'),
  markerRentLamports: 890_880,
  from: holder(seller),
  to: holder(buyer),
  approve: true,
  energyWh: wattHours(1_000),
  mintWh: wattHours(1_000),
  shares: [],
  memo: '01JD0000000000000000000001',
  priceMicroLamports: 10_000,
  ...differing,
});

const building = suite('building a token move');

building('fits into a packet when everything is new and the memo is the longest', async () => {
  const transaction = new Transaction({
    feePayer: hub.publicKey,
    blockhash: mint.publicKey.toBase58(),
    lastValidBlockHeight: 1,
  });
  transaction.add(...moveInstructions(await aPlan({ memo: 'X'.repeat(64) })));
  transaction.sign(hub, mintAuthority, seller);
  const bytes = transaction.serialize().length;
  assert.ok(bytes <= 1_232, `${bytes} bytes`);
});

building('fits a dozen burns into a packet', async () => {
  const shares = Array.from({ length: burnsTogetherMost - 1 }, () => ({
    ...{ tokenAccount: Keypair.generate().publicKey, energyWh: wattHours(1) },
  }));
  const from = { ...holder(seller), isNew: false };
  const plan = await aPlan({ from, to: undefined, approve: false, mintWh: wattHours(0), shares });
  const transaction = new Transaction({
    feePayer: hub.publicKey,
    blockhash: mint.publicKey.toBase58(),
    lastValidBlockHeight: 1,
  });
  transaction.add(...moveInstructions({ ...plan, memo: 'X'.repeat(64) }));
  transaction.sign(hub);
  const bytes = transaction.serialize().length;
  assert.ok(bytes <= 1_232, `${bytes} bytes`);
});

building(
  '15: the memo of a trade is its ULID and nothing that looks like a phone or a receipt',
  async () => {
    const memo =
      moveInstructions(await aPlan())
        .at(-1)
        ?.data.toString('utf8') ?? '';
    assert.match(memo, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    assert.not.match(memo, /254\d{9}/);
    assert.not.match(memo, /\b[A-Z0-9]{10}\b/);
  },
);

building('puts the marker first, so that its error has a known place', async () => {
  const plan = await aPlan();
  const [first] = moveInstructions(plan);
  assert.equal(first?.programId, SystemProgram.programId);
  assert.ok(first?.keys.some(({ pubkey }) => pubkey.equals(plan.marker.address)));
  assert.ok(isMarkerTaken({ InstructionError: [0, { Custom: 0 }] }));
  assert.not(isMarkerTaken({ InstructionError: [1, { Custom: 0 }] }));
  assert.not(isMarkerTaken({ InstructionError: [0, { Custom: 1 }] }));
});

building('gives each intent a marker of its own, which nobody can guess', async () => {
  const place = async (key: Uint8Array, intent: string) =>
    (await markerFor(hub.publicKey, key, intent)).address.toBase58();
  const one = await place(secret, 'intent');
  assert.is(await place(secret, 'intent'), one);
  assert.is.not(await place(secret, 'another'), one);
  assert.is.not(await place(new Uint8Array(32), 'intent'), one);
});

building('names the trade in a key that cannot sign or be written', async () => {
  const plan = await aPlan();
  const keys = moveInstructions(plan).flatMap((each) => each.keys);
  const found = keys.filter(({ pubkey }) => pubkey.equals(referenceFor(plan.memo)));
  assert.equal(
    found.map(({ isSigner, isWritable }) => ({ isSigner, isWritable })),
    [{ isSigner: false, isWritable: false }],
  );
});

building('pays for haste up to a limit only', async () => {
  const priceOf = async (priceMicroLamports: number) =>
    moveInstructions(await aPlan({ priceMicroLamports }))
      .filter(
        ({ programId, data }) => programId.equals(ComputeBudgetProgram.programId) && data[0] === 3,
      )
      .map(({ data }) => Number(data.readBigUInt64LE(1)));
  assert.equal(await priceOf(50_000), [50_000]);
  assert.equal(await priceOf(50_001), [50_000]);
  assert.equal(await priceOf(0), []);
});

building('never writes a phone number or a sentence on the chain', async () => {
  for (const memo of ['254700123456', 'corner house, 1 kWh', '', 'X'.repeat(65)]) {
    const plan = await aPlan({ memo });
    assert.throws(() => moveInstructions(plan), /no opaque id/);
  }
});

building.run();
