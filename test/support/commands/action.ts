import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { inFolder, ROOT } from './cli.ts';

type Step = {
  id?: string;
  name?: string;
  if?: string;
  shell?: string;
  run?: string;
  uses?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
  'working-directory'?: string;
};

type Action = {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
};

export const ACTION: Action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));

/** The result of a run of the action; `uses` lists other actions that it would have called, with their inputs. */
export type ActionRun = {
  succeeded: boolean;
  log: string;
  summary: string;
  outputs: Record<string, string>;
  uses: { uses: string; with: Record<string, string> }[];
};

/**
 * Runs action.yml in a workspace as a runner does: bash runs the scripts in their order; actions that it `uses` are
 * only recorded.
 */
export const runAction = (
  workspace: string,
  given: Record<string, string>,
  env: Record<string, string> = {},
) =>
  inFolder({}, async (temporary): Promise<ActionRun> => {
    const inputs = Object.fromEntries(
      Object.entries(ACTION.inputs).map(([name, input]) => [name, given[name] ?? input.default ?? '']),
    );
    const steps: Record<string, Record<string, string>> = {};
    const value = (expression: string): string => {
      const [, place = '', name = ''] = /^(inputs|steps\.\w+\.outputs)\.([\w-]+)$/.exec(expression) ?? [];
      if (place === 'inputs' && name in inputs) return inputs[name] ?? '';
      const step = /^steps\.(\w+)\./.exec(place)?.[1];
      if (step === undefined) throw new Error(`the runner of the tests does not know ${expression}`);
      return steps[step]?.[name] ?? '';
    };
    const filled = (text: string): string =>
      text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, each: string) => value(each));
    const isWanted = (condition: string): boolean =>
      condition.split(' && ').every((term) => {
        const [, expression, operator, literal] = /^(\S+) (==|!=) '(.*)'$/.exec(term) ?? [];
        if (term === 'always()') return true;
        if (expression === undefined) throw new Error(`the runner of the tests does not know ${term}`);
        return (value(expression) === literal) === (operator === '==');
      });
    const run: ActionRun = { succeeded: true, log: '', summary: '', outputs: {}, uses: [] };
    for (const [index, step] of ACTION.runs.steps.entries()) {
      const isForced = step.if?.startsWith('always()') ?? false;
      if ((!run.succeeded && !isForced) || !isWanted(step.if ?? 'always()')) continue;
      const filledIn = (values: Record<string, string> = {}) =>
        Object.fromEntries(Object.entries(values).map(([name, text]) => [name, filled(text)]));
      if (step.uses !== undefined) {
        run.uses.push({ uses: step.uses, with: filledIn(step.with) });
        continue;
      }
      const script = join(temporary, `${index}.sh`);
      const [output, summary] = ['output', 'summary'].map((name) => join(temporary, `${index}-${name}`)) as [
        string,
        string,
      ];
      for (const [file, text] of [
        [script, filled(step.run ?? '')],
        [output, ''],
        [summary, ''],
      ] as const)
        writeFileSync(file, text);
      const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
        cwd: join(workspace, filled(step['working-directory'] ?? '.')),
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          HOME: '/nonexistent',
          GITHUB_ACTION_PATH: ROOT,
          GITHUB_WORKSPACE: workspace,
          GITHUB_OUTPUT: output,
          GITHUB_STEP_SUMMARY: summary,
          ...filledIn(step.env),
          ...env,
        },
      });
      run.succeeded &&= ran.status === 0;
      run.log += ran.stdout + ran.stderr;
      run.summary += readFileSync(summary, 'utf8');
      if (step.id !== undefined) steps[step.id] = outputsIn(readFileSync(output, 'utf8'));
    }
    run.outputs = Object.fromEntries(
      Object.entries(ACTION.outputs).map(([name, each]) => [name, filled(each.value)]),
    );
    return run;
  });

/** Parses `name=value` lines and `name<<END` blocks. */
const outputsIn = (text: string): Record<string, string> => {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name, operator, rest] = /^([\w-]+)(=|<<)(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const end = operator === '=' ? -1 : lines.indexOf(rest ?? '');
    outputs[name] =
      operator === '='
        ? (rest ?? '')
        : lines
            .splice(0, end + 1)
            .slice(0, -1)
            .join('\n');
  }
  return outputs;
};
