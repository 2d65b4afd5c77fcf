import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const MIB = 2 ** 20;

/** Configurations that are meant to make a parser of YAML work. */
const configurations = (): Record<string, string> => ({
  'aliases of aliases': [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 30 }, (_, at) => {
      const inner = new Array(9).fill(`*a${at}`).join(', ');
      return `a${at + 1}: &a${at + 1} [${inner}]`;
    }),
  ].join('\n'),
  'merges of merges': [
    'm0: &m0 {k: v}',
    ...Array.from({ length: 2000 }, (_, at) => `m${at + 1}: &m${at + 1}\n  <<: *m${at}\n  k${at}: v`),
  ].join('\n'),
  '1,000,000 brackets': '['.repeat(MIB),
  '1,000,000 braces and commas': `{${'a,'.repeat(MIB / 2)}`,
  '100,000 indents': Array.from({ length: 1400 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
  'a line of 4 MB': `version: 1 # ${'x'.repeat(4 * MIB - 100)}`,
  '600,000 dashes': '- '.repeat(600_000),
});

/** Events that are small as they lie there, and large when they are unpacked. */
const bombs = (): Record<string, Buffer> => ({
  'gzip: 1 GB of zeros': packedTwice(1024 * MIB),
  'gzip: 100 MB of brackets': gzipSync('['.repeat(100 * MIB)),
  'gzip: a million empty records': gzipSync(`{"Records":[${'{},'.repeat(999_999)}{}]}`),
  'gzip: a million lines': gzipSync('{}\n'.repeat(1_000_000)),
});

/** Members of a gzip file follow each other. */
const packedTwice = (bytes: number): Buffer => {
  const one = gzipSync(Buffer.alloc(16 * MIB));
  return Buffer.concat(new Array<Buffer>(bytes / (16 * MIB)).fill(one));
};

const events = (): Record<string, string> => ({
  'events: 1 MiB of brackets': '['.repeat(MIB),
  'events: 400,000 lists': `[${'[],'.repeat(400_000)}[]]`,
  'events: 100 MB of one text': `{"Records":[{"a":"${'x'.repeat(100 * MIB)}"}]}`,
});

/** Files, and the arguments of the command that reads each. */
export const hostileFiles = async (folder: string, examples: string): Promise<Record<string, string[]>> => {
  const commands: Record<string, string[]> = {};
  let count = 0;
  const add = async (
    name: string,
    ending: string,
    content: string | Buffer,
    command: (file: string) => string[],
  ) => {
    const file = join(folder, `${count++}${ending}`);
    await writeFile(file, content);
    commands[name] = command(file);
  };
  const account = join(examples, 'account');
  for (const [name, text] of Object.entries(configurations()))
    await add(`configuration: ${name}`, '.yaml', text, (file) => [
      'audit',
      '--snapshot',
      account,
      '--config',
      file,
    ]);
  const audit = ['audit', '--snapshot', account, '--config', join(examples, 'pipewarden.yaml'), '--events'];
  for (const [name, bytes] of Object.entries(bombs()))
    await add(name, '.json.gz', bytes, (file) => [...audit, file]);
  for (const [name, text] of Object.entries(events()))
    await add(name, '.json', text, (file) => [...audit, file]);
  return commands;
};
