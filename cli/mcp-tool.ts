import * as z from 'zod/mini';
import { SEVERITIES, type Severity } from '../shared/domain/finding.ts';
import { type AppliedConfig, appliedConfig, nearestOfAll } from './config.ts';
import type { Answer } from './mcp-answer.ts';
import type { Progress } from './progress.ts';
import { pathInRoot } from './root-folder.ts';
import type { SelectionOptions } from './selection.ts';

/**
 * A tool: what it is called and does, what it takes, and its answer. Tools read files in the root alone, whose real path they are given
 * and which is the working directory. `isLive`: it reads the account of the credentials.
 */
export type Tool<Input extends z.ZodMiniType = z.ZodMiniType> = {
  name: string;
  title: string;
  description: string;
  input: Input;
  isLive?: true;
  answer: (given: z.output<Input>, root: string) => Promise<Answer>;
};

export const defineTool = <Input extends z.ZodMiniType>(tool: Tool<Input>): Tool => tool as unknown as Tool;

export const text = (description: string, most = 4096) =>
  z.string().check(z.minLength(1), z.maxLength(most), z.describe(description));

export const texts = (description: string, most = 100) =>
  z.array(text('One of them')).check(z.minLength(1), z.maxLength(most), z.describe(description));

export const configuration = z.exactOptional(
  text('The configuration file; without it, the nearest pipewarden.yaml in the repository'),
);

const SEVERITY_NAMES = SEVERITIES.map((name) => name.toLowerCase() as Lowercase<Severity>);

/** What narrows findings, and which part of them is asked for. */
export const selection = {
  control: z.exactOptional(texts('Only findings of these controls')),
  severity: z.exactOptional(
    z.enum(SEVERITY_NAMES).check(z.describe('List only findings of this severity or above')),
  ),
  resource: z.exactOptional(
    texts('Only findings on these resources: an ARN, a name or the path of a file; * and ? allowed'),
  ),
  offset: z._default(z.int().check(z.minimum(0), z.maximum(1_000_000)), 0),
  limit: z._default(z.int().check(z.minimum(1), z.maximum(500), z.describe('The most findings')), 50),
};

export type Selected = SelectionOptions & { offset: number; limit: number; config?: string };

/**
 * The configuration that a command would use, where it is in the root. One outside is refused: to ignore it would judge by laxer rules
 * unnoticed.
 */
export const configInRoot = async (
  root: string,
  named: string | undefined,
  files: readonly string[] = [],
): Promise<AppliedConfig> => {
  const path = named ?? (await nearestOfAll(files));
  if (path === undefined) return appliedConfig(undefined, files);
  return appliedConfig(await pathInRoot(root, path, 'the configuration that applies, '), files);
};

/** Progress whose messages are kept for the answer. */
export const noted = (): { notes: string[]; progress: Progress } => {
  const notes: string[] = [];
  return { notes, progress: { say: (note) => void notes.push(note), count: () => {}, endCount: () => {} } };
};
