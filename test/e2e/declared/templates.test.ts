import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Environment, Stack } from 'aws-cdk-lib';
import { parseResults } from '../../../shared/outputs/formats/results-schema.ts';
import { ACCOUNT, REGION } from '../../support/builders/events.ts';
import { run } from '../../support/commands/cli.ts';
import {
  approval,
  joined,
  nestedText,
  ownCode,
  passesEveryRole,
  synthesise,
  writtenAtDeployment,
} from './cdk-apps.ts';

/** What a template is judged to be, decided by hand from AWS’s pages. */
type Judged = {
  /** All faults: status, severity, control, the end of the resource’s ARN, and the place where it is told. */
  faults: readonly string[];
  /** What is not told until deployed, or without the account: controls with the end of the resource’s ARN. */
  untold?: readonly string[];
  /** Texts that some finding has. */
  said?: readonly (string | RegExp)[];
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipewarden-declared-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A text that stands for a value that is not known must not be told as if it were one, and nothing deployed is called. */
const NEVER = [/\bq[b-df-hj-np-tv-z]{11}/, /aws (?:iam|s3api|sagemaker) /];

type Sarif = {
  runs: {
    results: {
      partialFingerprints: Record<string, string>;
      locations: {
        physicalLocation: { artifactLocation: { uri: string }; region?: { startLine: number } };
      }[];
    }[];
  }[];
};

/** The findings of an audit in a folder, besides those about the configuration and the organization. */
const judged = async (cwd: string, source: readonly string[]) => {
  const { stderr } = await run(
    [
      'audit',
      ...source,
      '--quiet',
      '--format',
      'json',
      '-o',
      'results.json',
      '--format',
      'sarif',
      '-o',
      'results.sarif',
    ],
    { cwd },
  );
  expect(stderr).toBe('');
  const text = await readFile(join(cwd, 'results.json'), 'utf8');
  for (const pattern of NEVER) expect(text).not.toMatch(pattern);
  const results = parseResults(JSON.parse(text));
  if (!results.ok) throw new Error(JSON.stringify(results.issues));
  const sarif = JSON.parse(await readFile(join(cwd, 'results.sarif'), 'utf8')) as Sarif;
  const places = new Map(
    sarif.runs.flatMap((each) =>
      each.results.flatMap(({ partialFingerprints, locations }) =>
        Object.values(partialFingerprints).map((id) => [id, locations[0]?.physicalLocation] as const),
      ),
    ),
  );
  const placeOf = (id: string): string => {
    const place = places.get(id);
    return `${place?.artifactLocation.uri}:${place?.region?.startLine}`;
  };
  const own = results.results.findings.filter(
    ({ resource }) => resource.type !== 'configuration' && resource.type !== 'organization',
  );
  return {
    faults: own
      .filter(({ status }) => status !== 'NOT_AVAILABLE')
      .map(({ id, status, severity, control, resource }) =>
        [status, severity, control, nameIn(resource.arn), placeOf(id)].join(' '),
      )
      .toSorted(),
    untold: own
      .filter(({ status }) => status === 'NOT_AVAILABLE')
      .map(({ control, resource }) => `${control} ${nameIn(resource.arn)}`),
    text,
  };
};

const nameIn = (arn: string): string =>
  arn.startsWith('arn:') ? arn.replace(/^.*[:/](?=[^:/]+$)/, '') : arn;

const expectJudged = async (
  cwd: string,
  source: readonly string[],
  { faults, untold = [], said = [] }: Judged,
) => {
  const found = await judged(cwd, source);
  expect(found.faults).toEqual([...faults].toSorted());
  expect(found.untold).toEqual(expect.arrayContaining([...untold]));
  for (const each of said) expect(found.text).toMatch(each);
};

const FILES: Record<string, Judged> = {
  // CloudFormation refuses it. What it declares besides is judged, and nothing is made up for what is not there.
  'references-to-nothing.yaml': {
    faults: [],
    said: [
      /no parameter or resource Team/,
      /no parameter or resource ForecastRole/,
      /Outputs is no resource/,
      /NotesName is no resource/,
    ],
  },
  // Neither the definition nor the role is told until the deployment.
  'all-by-parameter.yaml': {
    faults: [],
    untold: ['evidence-readable scoring-${Stage}'],
    said: [/Definition is a parameter|parameter Definition|\$\{Definition\}/],
  },
  'definition-by-sub.yaml': {
    faults: [
      'FAILED HIGH execution-role-passes-step-roles ${Worker} definition-by-sub.yaml:4',
      'WARNING LOW execution-role-trust ${Worker} definition-by-sub.yaml:7',
      // ProcessingOutputs is no field of CreateProcessingJob; told where the text of the definition begins
      'WARNING MEDIUM definition-valid churn definition-by-sub.yaml:49',
    ],
  },
  'no-json.yaml': {
    faults: ['WARNING LOW execution-role-trust ${Worker} no-json.yaml:8'],
    untold: [
      'evidence-readable risk-pipeline',
      'execution-role-job-permissions ${Worker}',
      'execution-role-passes-step-roles ${Worker}',
      'execution-role-least-privilege ${Worker}',
      'job-prefix-length risk-pipeline',
    ],
  },
  // The role is in the account, or nowhere: only the account tells it.
  'one-line.json': { faults: [], untold: ['evidence-readable made-elsewhere'] },
  'body-as-object.json': {
    faults: [
      'WARNING MEDIUM definition-valid pose body-as-object.json:31',
      'WARNING MEDIUM definition-valid pose body-as-object.json:38',
    ],
    untold: [
      'evidence-readable pose',
      'evidence-readable pose-steps',
      'pipeline-inputs-protected acme-scripts',
    ],
  },
  'sam.yaml': {
    faults: [
      'FAILED HIGH execution-role-trust worker sam.yaml:21',
      'WARNING MEDIUM execution-role-least-privilege worker sam.yaml:30',
      // the role that SAM makes for the function may change it, and nobody is named for that
      'WARNING LOW execution-role-protected worker sam.yaml:13',
    ],
  },
  'conditions.yaml': {
    faults: [],
    untold: ['execution-role-passes-step-roles worker', 'execution-role-job-permissions worker'],
    said: [/FAILED where \$\{Stage\} is “dev”/],
  },
  'managed-policies.yaml': {
    faults: [
      'FAILED CRITICAL execution-role-administrator owner managed-policies.yaml:16',
      'WARNING LOW execution-role-trust owner managed-policies.yaml:20',
      'WARNING LOW execution-role-trust worker managed-policies.yaml:7',
    ],
    // AWS changes the policy, and the account tells its version
    untold: ['execution-role-least-privilege worker', 'execution-role-job-permissions worker'],
  },
  // Whether that account is meant is not told: it may be the one that the template is deployed to.
  'literal-account.yaml': {
    faults: [],
    untold: [
      'execution-role-trust worker',
      'execution-role-job-permissions worker',
      'execution-role-passes-step-roles worker',
    ],
  },
  'without-pipelines.yaml': { faults: [] },
};

test.each(Object.entries(FILES))('the template %s is judged as AWS would run it', async (name, wanted) => {
  const cwd = await mkdtemp(join(folder, 'template-'));
  await cp(join(import.meta.dirname, name), join(cwd, name));
  await expectJudged(cwd, ['--template', name], wanted);
});

const APPS: Record<string, { build: (stack: Stack) => void; env?: Environment; judged: Judged }> = {
  joined: {
    build: joined,
    judged: {
      faults: ['FAILED HIGH execution-role-passes-step-roles ${Worker11F36D0F} cdk.out/Ml.template.json:229'],
    },
  },
  'a text in a text': {
    build: nestedText,
    judged: { faults: [], untold: ['evidence-readable nested-text', 'job-prefix-length nested-text'] },
  },
  'passes every role': {
    build: passesEveryRole,
    env: { account: ACCOUNT, region: REGION },
    judged: {
      faults: [
        'FAILED HIGH definition-valid stock cdk.out/Ml.template.json:171',
        'WARNING LOW execution-role-trust worker cdk.out/Ml.template.json:61',
        'WARNING MEDIUM execution-role-least-privilege worker cdk.out/Ml.template.json:89',
      ],
    },
  },
  'its own code': { build: ownCode, judged: { faults: [] } },
  'a definition that is written at the deployment': {
    build: writtenAtDeployment,
    judged: {
      faults: [],
      untold: ['evidence-readable written', 'execution-role-job-permissions ${Worker11F36D0F}'],
    },
  },
  approval: {
    build: approval,
    judged: {
      faults: [
        'FAILED HIGH execution-role-job-permissions ${Worker11F36D0F} cdk.out/Ml.template.json:3',
        // a step has no CallbackConfig
        'WARNING MEDIUM definition-valid approval cdk.out/Ml.template.json:87',
      ],
    },
  },
};

test.each(Object.entries(APPS))('the CDK app “%s” is judged as AWS would run it', async (_, app) => {
  const cwd = await mkdtemp(join(folder, 'app-'));
  synthesise(join(cwd, 'cdk.out'), app.build, app.env);
  await expectJudged(cwd, ['--template', 'cdk.out'], app.judged);
});

const PLANS: Record<string, Judged> = {
  'two-roles': {
    faults: [
      'FAILED HIGH execution-role-passes-step-roles graph-pipeline main.tf:6',
      'FAILED HIGH execution-role-job-permissions graph-pipeline main.tf:6',
      'WARNING MEDIUM execution-role-least-privilege graph-pipeline main.tf:28',
      'WARNING LOW execution-role-trust graph-pipeline main.tf:8',
      'WARNING LOW execution-role-trust graph-steps main.tf:16',
    ],
  },
  'no-policy': {
    faults: [
      'FAILED HIGH execution-role-job-permissions ${aws_iam_role.regression.name} main.tf:16',
      'FAILED HIGH execution-role-passes-step-roles ${aws_iam_role.regression.name} main.tf:16',
      'WARNING LOW execution-role-trust ${aws_iam_role.regression.name} main.tf:2',
    ],
  },
  modules: {
    faults: [
      'FAILED HIGH execution-role-job-permissions acme-worker pipelines/main.tf:14',
      'WARNING MEDIUM execution-role-least-privilege acme-worker pipelines/main.tf:34',
      'WARNING LOW execution-role-trust acme-worker pipelines/main.tf:21',
    ],
    untold: ['evidence-readable made-elsewhere'],
  },
  'names-later': {
    faults: [
      'FAILED HIGH execution-role-job-permissions runner-${terraform_data.suffix.id} main.tf:26',
      'FAILED HIGH execution-role-passes-step-roles runner-${terraform_data.suffix.id} main.tf:4',
    ],
    untold: ['execution-role-trust runner-${terraform_data.suffix.id}'],
  },
};

test.each(Object.entries(PLANS))('the plan “%s” is judged as AWS would run it', async (name, wanted) => {
  const cwd = await mkdtemp(join(folder, 'plan-'));
  await cp(join(import.meta.dirname, 'plans', name), cwd, { recursive: true });
  await expectJudged(cwd, ['--plan', 'plan.json'], wanted);
});
