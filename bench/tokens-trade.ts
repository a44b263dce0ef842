/** What the token bench does again and again: households with token accounts, and moves as the hub signs them. */
import { createHash } from 'node:crypto';
import {
  createApproveCheckedInstruction,
  createAssociatedTokenAccountIdempotentInstruction,
  createInitializeMint2Instruction,
  createMintToCheckedInstruction,
  getAssociatedTokenAddressSync,
  MINT_SIZE,
  TOKEN_PROGRAM_ID,
} from '@solana/spl-token';
import {
  Keypair,
  type PublicKey,
  SystemProgram,
  Transaction,
  type TransactionInstruction,
} from '@solana/web3.js';
import bs58 from 'bs58';
import {
  type Marker,
  markerFor,
  moveInstructions,
  referenceFor,
  rentReturns,
  tokenDecimals,
} from '../gateway/adapters/solana/instructions.ts';
import { addSignatures } from '../gateway/adapters/solana/signatures.ts';
import { wattHours } from '../gateway/core/units.ts';

/** A household's token account and approval take 3 signatures' worth of room: so many fit in one transaction. */
const householdsAtOnce = 3;
const mintedWh = 1_000_000_000;
/** As many as fit beside their seeds (see `rentReturns`). */
export const rentsAtOnce = 7;

export type Signed = { readonly raw: Buffer; readonly signature: string };
export type Holder = { readonly owner: PublicKey; readonly tokenAccount: PublicKey };

export type Neighbourhood = {
  readonly hub: Keypair;
  readonly mint: Keypair;
  readonly metering: Keypair;
  readonly households: readonly Keypair[];
  readonly holders: readonly Holder[];
};

const seeded = (name: string) => Keypair.fromSeed(createHash('sha256').update(name).digest());

/** The same in every process that asks with the same size. */
export function neighbourhoodOf(size: number): Neighbourhood {
  const mint = seeded('mint');
  const households = Array.from({ length: size }, (_, n) => seeded(`household ${n}`));
  const holders = households.map(({ publicKey }) => ({
    owner: publicKey,
    tokenAccount: getAssociatedTokenAddressSync(mint.publicKey, publicKey),
  }));
  return { hub: seeded('hub'), metering: seeded('metering'), mint, households, holders };
}

export function signed(
  instructions: readonly TransactionInstruction[],
  signers: readonly Keypair[],
  recentBlockhash: string,
): Signed {
  const transaction = new Transaction({ recentBlockhash });
  transaction.feePayer = (signers[0] as Keypair).publicKey;
  transaction.add(...instructions);
  addSignatures(transaction, signers);
  return {
    raw: transaction.serialize({ verifySignatures: false }),
    signature: bs58.encode(transaction.signature as Buffer),
  };
}

/** Everything that must have landed before the first move. The hub has its SOL already. */
export function* openings(
  { hub, mint, metering, households, holders }: Neighbourhood,
  mintRentLamports: number,
  blockhash: string,
): Generator<Signed> {
  const space = { fromPubkey: hub.publicKey, newAccountPubkey: mint.publicKey, space: MINT_SIZE };
  yield signed(
    [
      SystemProgram.createAccount({
        ...{ ...space, lamports: mintRentLamports, programId: TOKEN_PROGRAM_ID },
      }),
      createInitializeMint2Instruction(mint.publicKey, tokenDecimals, metering.publicKey, null),
    ],
    [hub, mint],
    blockhash,
  );
  for (let start = 0; start < holders.length; start += householdsAtOnce) {
    const page = holders.slice(start, start + householdsAtOnce);
    const instructions = page.flatMap(({ owner, tokenAccount }) => [
      createAssociatedTokenAccountIdempotentInstruction(
        ...([hub.publicKey, tokenAccount, owner, mint.publicKey] as const),
      ),
      createMintToCheckedInstruction(
        ...([mint.publicKey, tokenAccount, metering.publicKey, mintedWh, tokenDecimals] as const),
      ),
      createApproveCheckedInstruction(
        ...([tokenAccount, mint.publicKey, hub.publicKey, owner] as const),
        ...([2n ** 64n - 1n, tokenDecimals] as const),
      ),
    ]);
    const owners = households.slice(start, start + householdsAtOnce);
    yield signed(instructions, [hub, metering, ...owners], blockhash);
  }
}

const secret = createHash('sha256').update('marker').digest();
const intentOf = (n: number) => `01JD${String(n).padStart(22, '0')}`;

/** The n-th move: marker, limit, transfer with its reference key, memo. */
export async function buildMove(
  { hub, mint, metering, holders }: Neighbourhood,
  n: number,
  markerRentLamports: number,
  blockhash: string,
): Promise<Signed> {
  const holderAt = (place: number) => ({
    ...(holders[place % holders.length] as Holder),
    isNew: false,
  });
  const instructions = moveInstructions({
    ...{ hub: hub.publicKey, mint: mint.publicKey, mintAuthority: metering.publicKey },
    marker: await markerFor(hub.publicKey, secret, intentOf(n)),
    markerRentLamports,
    from: holderAt(n),
    to: holderAt(n + 1),
    ...{ approve: false, energyWh: wattHours(1), mintWh: wattHours(0), shares: [] },
    ...{ memo: intentOf(n), priceMicroLamports: 0 },
  });
  return signed(instructions, [hub], blockhash);
}

/** What differs from one move to the next between the same two households, as bytes of the same length. */
export async function piecesOf({ hub }: Neighbourhood, n: number, blockhash: string) {
  const { seed, address } = await markerFor(hub.publicKey, secret, intentOf(n));
  return {
    move: [
      address.toBuffer(),
      Buffer.from(seed),
      referenceFor(intentOf(n)).toBuffer(),
      Buffer.from(intentOf(n)),
      Buffer.from(bs58.decode(blockhash)),
    ],
    marker: [address.toBuffer(), Buffer.from(seed)],
  };
}

/** Brings the rent of the markers of these moves home. */
export async function buildReturn(
  { hub }: Neighbourhood,
  moves: readonly number[],
  lamports: number,
  blockhash: string,
): Promise<Signed> {
  const markers: (Marker & { readonly lamports: number })[] = [];
  for (const n of moves)
    markers.push({ ...(await markerFor(hub.publicKey, secret, intentOf(n))), lamports });
  return signed(rentReturns(hub.publicKey, markers, 0), [hub], blockhash);
}
