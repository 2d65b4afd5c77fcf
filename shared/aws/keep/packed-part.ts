import { promisify } from 'node:util';
import { deflate, inflateSync } from 'node:zlib';
import { type Entries, type Entry, firstOf, type IndexKind } from '../../account-index/entries.ts';
import { entriesInPart, partText } from '../../account-index/part-text.ts';
import { groupBy } from '../../group-by.ts';

/**
 * Kinds whose entries are long, and of which looks ask for a few by their keys. In a part of these each piece is packed by itself, with the
 * entries whose keys begin alike, so that nobody unpacks or packs what the neighbours say.
 */
const IN_PIECES: ReadonlySet<string> = new Set<IndexKind>(['bucket-pipelines', 'whole-pipelines']);

/** A part that says more than this after it was unpacked was not written here. */
const MAX_UNPACKED = 64 * 1024 * 1024;

/** A piece as it is packed, and how many bytes it has when it is unpacked. */
type Piece = { packed: Uint8Array; length: number };

/** By the beginnings of the keys, the pieces of a part that were not unpacked. */
export type Left = ReadonlyMap<string, Piece>;

/** What a part tells of that which was asked for, and the rest of it. */
export type UnpackedPart = { entries: Map<string, Entry>; left: Left };

const packBytes = promisify<Buffer, Buffer>(deflate);

/** A part takes a millisecond or two, which a thread beside this one would not save on a part of a core. */
const unpackText = (packed: Uint8Array, maxOutputLength = MAX_UNPACKED): string | undefined => {
  try {
    return inflateSync(packed, { maxOutputLength, chunkSize: UNPACKED_AT_ONCE }).toString('utf8');
  } catch {
    return undefined;
  }
};
/** Most parts fit into one such piece. */
const UNPACKED_AT_ONCE = 256 * 1024;

/** The part of a kind that tells these entries and what was `left` packed; undefined for one that nobody could unpack. */
export const packPart = async (
  kind: string,
  entries: Entries,
  left: Left = new Map(),
): Promise<Buffer | undefined> => {
  if (!IN_PIECES.has(kind)) return (await packedPiece(entries))?.packed;
  const groups = groupBy([...entries], ([key]) => firstOf(key));
  const made = await Promise.all(
    [...groups].map(async ([first, of]) => [first, await packedPiece(new Map(of))] as const),
  );
  const pieces = [...left, ...made];
  const head: [first: string, packed: number, unpacked: number][] = [];
  let length = 0;
  for (const [first, piece] of pieces) {
    if (!piece) return undefined;
    head.push([first, piece.packed.length, piece.length]);
    length += piece.length;
  }
  if (length > MAX_UNPACKED) return undefined;
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...pieces.flatMap(([, piece]) => piece?.packed ?? []),
  ]);
};

const packedPiece = async (entries: Entries): Promise<(Piece & { packed: Buffer }) | undefined> => {
  const bytes = Buffer.from(partText(entries));
  return bytes.length > MAX_UNPACKED ? undefined : { packed: await packBytes(bytes), length: bytes.length };
};

/**
 * What a part of a kind tells; undefined for one that was not written here. `isMeant`: of which beginnings of keys that is asked; all of
 * them without it. `known`: what the part told in an earlier version.
 */
export const unpackPart = (
  kind: string,
  part: Uint8Array,
  { isMeant = () => true, known }: { isMeant?: (first: string) => boolean; known?: Entries | undefined } = {},
): UnpackedPart | undefined => {
  if (!IN_PIECES.has(kind)) {
    const text = unpackText(part);
    const entries = text === undefined ? undefined : entriesInPart(text, known);
    return entries && { entries, left: new Map() };
  }
  const pieces = piecesIn(part);
  if (!pieces) return undefined;
  const entries = new Map<string, Entry>();
  const left = new Map<string, Piece>();
  for (const [first, piece] of pieces) {
    if (!isMeant(first)) {
      left.set(first, piece);
      continue;
    }
    const text = unpackText(piece.packed, piece.length);
    const told = text === undefined ? undefined : entriesInPart(text, known);
    if (!told) return undefined;
    for (const [key, entry] of told) entries.set(key, entry);
  }
  return { entries, left };
};

const LINE = 10;

const piecesIn = (part: Uint8Array): Map<string, Piece> | undefined => {
  const end = part.indexOf(LINE);
  const head = end < 0 ? undefined : headIn(Buffer.from(part.subarray(0, end)).toString());
  if (!head) return undefined;
  const pieces = new Map<string, Piece>();
  let [at, length] = [end + 1, 0];
  for (const [first, packed, unpacked] of head) {
    pieces.set(first, { packed: part.subarray(at, at + packed), length: unpacked });
    at += packed;
    length += unpacked;
  }
  return at === part.length && length <= MAX_UNPACKED && pieces.size === head.length ? pieces : undefined;
};

type Head = [first: string, packed: number, unpacked: number][];

const headIn = (text: string): Head | undefined => {
  try {
    const told: unknown = JSON.parse(text);
    return Array.isArray(told) && told.every(isPieceTold) ? told : undefined;
  } catch {
    return undefined;
  }
};

const isPieceTold = (told: unknown): told is Head[number] =>
  Array.isArray(told) && told.length === 3 && typeof told[0] === 'string' && told.slice(1).every(isLength);

const isLength = (told: unknown): boolean => Number.isInteger(told) && (told as number) >= 0;
