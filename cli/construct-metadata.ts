import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Constructs } from '../shared/declared/cloudformation/stacks.ts';
import { asList, asText, isObject, type Json, member } from '../shared/json/json.ts';

const LONGEST = 1000;

/** The parts of a frame that the CDK writes: `new Role in … (file:///app/lib/stack.ts:12:5)`, `lib/stack.ts:12:5`. */
const PLACE = /^(.+):(\d+):(\d+)$/;

/**
 * The constructs of a stack, from what the CDK notes of each in manifest.json or the file that it names: the logical id, and where the code
 * makes it, which is there with `cdk synth --debug`.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.MetadataEntry.html
 */
export const constructsIn = (metadata: Json | undefined, folder: string): Constructs => {
  const byId = new Map<string, string>();
  const writtenAt = new Map<string, string>();
  for (const [key, notes] of Object.entries(isObject(metadata) ? metadata : {})) {
    const path = key.replace(/^\//, '').slice(0, LONGEST);
    for (const note of asList(notes)) {
      const type = member(note, 'type');
      if (type === 'aws:cdk:logicalId') {
        const id = asText(member(note, 'data'));
        if (id !== undefined) byId.set(id, path);
      }
      const frames = type === 'aws:cdk:creationStack' ? member(note, 'data') : member(note, 'trace');
      const place = asList(frames)
        .map((frame) => placeIn(asText(frame) ?? '', folder))
        .find((each) => each);
      if (place !== undefined && !writtenAt.has(path)) writtenAt.set(path, place);
    }
  }
  return { byId, writtenAt };
};

/** The place in a frame of a user’s own code, as `file:line:column` below the folder if it lies there. */
const placeIn = (frame: string, folder: string): string | undefined => {
  if (frame.length > LONGEST || frame.includes('node_modules') || frame.includes('node:')) return undefined;
  const open = frame.lastIndexOf('(');
  const inner = open < 0 ? frame.replace(/^at /, '') : frame.slice(open + 1).replace(/\)$/, '');
  const [, file = '', line, column] = PLACE.exec(inner.trim()) ?? [];
  if (line === undefined) return undefined;
  const path = pathOf(file);
  const below = relative(folder, path);
  return `${below.startsWith('..') || below === '' ? path : below.split(sep).join('/')}:${line}:${column}`;
};

const pathOf = (file: string): string => {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
};
