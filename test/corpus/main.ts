/** `npm run corpus`: judges the corpus and prints the table; the exit status is 1 where anything is wrong. */
import { ensurePythonEnv } from '../setup/python-env.ts';
import { pipelineName } from './clean-account.ts';
import { isRight, runCorpus, tableOf } from './corpus.ts';
import { sdkDefinitions } from './sdk-definitions.ts';

const say = (text: string): void => {
  process.stderr.write(text);
};

await Promise.all([ensurePythonEnv('sdk2'), ensurePythonEnv('sdk3')]);
// Nobody has described steps of type Job yet, so that no account with one is wholly read.
const known = (await sdkDefinitions()).filter(({ stepTypes }) => !stepTypes.includes('Job'));
const definitions = known.map(({ name, sdk, prefixed, definitionText }) => ({
  source: { name: pipelineName(`${name} ${prefixed ? 'prefixed' : ''}`), definitionText },
  group: `clean: SDK ${sdk}`,
}));
const outcomes = await runCorpus(definitions, (outcome) => say(isRight(outcome) ? '.' : '✗'));
say('\n');
console.log(tableOf(outcomes));
process.exitCode = outcomes.every(isRight) ? 0 : 1;
