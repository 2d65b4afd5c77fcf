import { startMoto } from '../support/emulators/moto-server.ts';
import { ensurePythonEnv } from '../support/python/python-env.ts';
import { BASE } from './base.ts';
import { cleanAccount, pipelineName } from './clean-account.ts';
import { isRight, type JudgeLive, runCorpus, tableOf } from './corpus.ts';
import { sameLive } from './same-live.ts';
import { sdkDefinitions } from './sdk-definitions.ts';

/** `npm run corpus`: judges the corpus and prints the table; the exit status is 1 where anything is wrong. */

const say = (text: string): void => {
  process.stderr.write(text);
};

await Promise.all((['moto', 'sdk2', 'sdk3'] as const).map(ensurePythonEnv));
// Steps of type Job are left out: AWS does not describe them, so an account with one is never completely read.
const known = (await sdkDefinitions()).filter(({ stepTypes }) => !stepTypes.includes('Job'));
const definitions = known.map(({ name, sdk, prefixed, definitionText }) => ({
  source: { name: pipelineName(`${name} ${prefixed ? 'prefixed' : ''}`), definitionText },
  group: `clean: SDK ${sdk}`,
}));
const moto = await startMoto({ account: cleanAccount(BASE).account });
const judgeLive: JudgeLive = async (account) => {
  const { inSnapshotOnly, liveOnly } = await sameLive(account, moto.endpoint);
  return [
    ...inSnapshotOnly.map((each) => `in the snapshot only: ${each}`),
    ...liveOnly.map((each) => `live only: ${each}`),
  ];
};
const outcomes = await runCorpus(definitions, (outcome) => say(isRight(outcome) ? '.' : '✗'), judgeLive);
await moto.stop();
say('\n');
console.log(tableOf(outcomes));
process.exitCode = outcomes.every(isRight) ? 0 : 1;
