import { describe, expect, test } from '@jest/globals';
import { resolveScope } from '../../../shared/definition/expression.ts';
import { handedCode } from '../../../shared/definition/handed-code.ts';
import { definitionOf, step } from '../../support/builders/control-cases.ts';

/** The code that the first of these steps hands over, and why some of it is not told. */
const codeOf = (one: object): string[] => {
  const definition = definitionOf([one], { Set: 's3://acme/set.py', Unset: null });
  const [first] = definition.steps;
  if (!first) throw new Error('there is no step');
  const { places, open } = handedCode(first, resolveScope(definition, 'p'));
  return [
    ...places.map(({ bucket, keyPattern }) => `${bucket}/${keyPattern}`),
    ...open.map(({ pointer }) => `? ${pointer}`),
  ];
};
const onCluster = (Jar: unknown, Args: unknown[] = [], more: object = {}) =>
  step('Crunch', 'EMR', { ClusterId: 'j-1', StepConfig: { HadoopJarStep: { Jar, Args } }, ...more });
const command = (...Args: unknown[]) => onCluster('command-runner.jar', Args);
const spark = (...Args: unknown[]) => command('spark-submit', ...Args);
const serverless = (jobDriver: object) =>
  step('Crunch', 'EMRServerless', { ApplicationId: 'a', JobConfig: { jobDriver } });
const JAR = '/Steps/0/Arguments/StepConfig/HadoopJarStep/Jar';
const ARGS = '/Steps/0/Arguments/StepConfig/HadoopJarStep/Args';

describe('the code that a step hands to EMR', () => {
  test.each<[string, object, string[]]>([
    ['is its own program, and not its data', onCluster('s3://acme/a.jar', ['s3://acme/in/']), ['acme/a.jar']],
    [
      'is the program of spark-submit behind its options, and not what follows it',
      spark(
        ...['--deploy-mode', 'cluster', '--verbose', '--num-executors=4', 's3://acme/main.py'],
        ...['--input', 's3://acme/in/part.csv'],
      ),
      ['acme/main.py'],
    ],
    [
      'is what spark-submit loads beside its program',
      spark(
        ...['--jars', 's3://acme/a.jar,s3://acme/b.jar', '--py-files=s3://acme/lib.zip'],
        ...['--conf', 'spark.archives=s3://acme/env.tar.gz#env', '--conf=spark.jars=s3://acme/c.jar'],
        ...['--conf', 'spark.executor.cores=2', 's3://acme/main.py'],
      ),
      ['acme/a.jar', 'acme/b.jar', 'acme/lib.zip', 'acme/env.tar.gz', 'acme/c.jar', 'acme/main.py'],
    ],
    [
      'is what parameters with defaults tell',
      spark({ Get: 'Parameters.Set' }, { Get: 'Parameters.Unset' }),
      ['acme/set.py'],
    ],
    ['is not told where only a run tells the program', spark({ Get: 'Parameters.Unset' }), [`? ${ARGS}/1`]],
    [
      'is a place of which a part is told',
      spark('--jars', {
        'Std:Join': { On: '/', Values: ['s3://acme', { Get: 'Parameters.Unset' }, 'a.jar,s3://acme/b.jar'] },
      }),
      ['acme/*/a.jar', 'acme/b.jar'],
    ],
    [
      'is the script that AWS’s own program runs, and not that program',
      onCluster('s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar', [
        's3://acme/run.sh',
        's3://acme/in/',
      ]),
      ['acme/run.sh'],
    ],
    [
      'is a query of Hive',
      command('hive-script', '--run-hive-script', '--args', '-f', 's3://acme/q.hql', '-d', 'IN=s3://acme/in'),
      ['acme/q.hql'],
    ],
    [
      'is what a shell fetches by the name of a program',
      command('bash', '-c', 'aws s3 cp s3://acme/run.sh . && bash run.sh s3://acme/in/data.csv'),
      ['acme/run.sh'],
    ],
    [
      'is what the cluster runs when it begins',
      step('Crunch', 'EMR', {
        ClusterConfig: { BootstrapActions: [{ ScriptBootstrapAction: { Path: 's3://acme/boot.sh' } }] },
        StepConfig: { HadoopJarStep: { Jar: 'command-runner.jar' } },
      }),
      ['acme/boot.sh'],
    ],
    [
      'is nothing of copies between places',
      command('s3-dist-cp', '--src', 's3://acme/a/', '--dest', 's3://acme/b/'),
      [],
    ],
    [
      'is the entry point on EMR Serverless and what it loads, in whatever quotes',
      serverless({
        sparkSubmit: {
          entryPoint: 's3://acme/main.py',
          entryPointArguments: ['s3://acme/in/'],
          sparkSubmitParameters:
            '--class Main  --jars "s3://acme/a.jar,s3://acme/b.jar" --conf spark.submit.pyFiles=s3://acme/lib.zip',
        },
      }),
      ['acme/main.py', 'acme/a.jar', 'acme/b.jar', 'acme/lib.zip'],
    ],
    [
      'is a query of Hive on EMR Serverless',
      serverless({ hive: { query: 's3://acme/q.sql', initQueryFile: 's3://acme/init.sql' } }),
      ['acme/q.sql', 'acme/init.sql'],
    ],
    ['is nothing where no bucket can be', onCluster('s3://b/a.jar'), []],
    ['is not told behind an access point', onCluster('s3://acme-s3alias/a.jar'), [`? ${JAR}`]],
    ['is nothing of steps that run elsewhere', step('Prepare', 'Processing', {}), []],
  ])('%s', (_, one, code) => {
    expect(codeOf(one)).toEqual(code);
  });

  test('of very many arguments is found in one walk', () => {
    const args = Array.from({ length: 20_000 }, (_, index) => `s3://acme/${index}.py`);
    expect(codeOf(command(...args))).toHaveLength(20_000);
  });
});
