import { describe } from '@jest/globals';
import type { FileConfig } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/exceptions-scoped.ts';
import { controlCases, type ExpectedFinding } from '../../support/builders/control-cases.ts';

const TODAY = '2026-11-30';

const pipeline = (name: string) => `arn:aws:sagemaker:*:*:pipeline/${name}`;
const role = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`;

const suppressed = (
  resource: string,
  { expires = '2027-06-30', ...more }: { expires?: string; control?: string; step?: string } = {},
) => ({
  suppressions: [{ control: 'step-isolation', resource, reason: 'PLAT-4711', expires, ...more }],
});

const broad = (covered: string, resource: string) => ({
  ...suppressed(resource),
  told: {
    subject: `step-isolation on ${resource}`,
    evidence: [['suppressions[0].resource', `${resource} covers ${covered}`]] as [string, string][],
    expected: 'one resource, or what begins with the names of one team',
    remedy: 'Let the suppression of step-isolation name one resource',
  },
});

const TEAMS: Pick<FileConfig, 'prefixes'> = {
  prefixes: [
    { prefix: 'fraud-train' },
    { prefix: 'fraud-score' },
    { prefix: 'forecast' },
    { prefix: 'pipelines' },
  ],
};

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
/** All beginnings of names with two letters, of which each alone may be the name of a team. */
const PAIRS = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));

const suppressedAll = (names: readonly string[]) => ({
  suppressions: names.flatMap((name) => suppressed(pipeline(`${name}*`)).suppressions),
});

const extraRule = (...allowedOrigins: string[]) => ({
  imageBuckets: { extraRules: [{ name: 'viewer', allowedMethods: ['GET'], allowedOrigins }] },
});

const off = { enabled: false, reason: 'not used here' };

const everybody = (at: string, pattern: string): ExpectedFinding => ({
  subject: at,
  evidence: [[at, `${pattern} covers every role`]],
  expected: 'those who need it',
});

describe(control.id, () => {
  controlCases<Partial<FileConfig>>(control, {
    given: (config) => ({
      facts: {
        configurationFile: {
          file: { version: 1, ...config },
          today: TODAY,
          accountControls: new Set(['trail-logging']),
        },
      },
    }),
    passes: {
      'one resource by its ARN': suppressed('arn:aws:sagemaker:eu-west-1:111122223333:pipeline/legacy'),
      'what begins with a team’s name, in any account and Region': suppressed(pipeline('fraud-*')),
      'one team of several': { ...TEAMS, ...suppressed(pipeline('fraud-*')) },
      'a beginning that is one team’s alone': { ...TEAMS, ...suppressed(pipeline('fr*')) },
      'a role below a path of one’s own': suppressed(role('pipelines/*')),
      'a bucket by the beginning of its name': suppressed('arn:aws:s3:::acme-scans-*'),
      'the job of one pipeline without a name of its own': suppressed(
        'arn:aws:sagemaker:*:*:training-job/pipelines-abcdefghijkl-*',
      ),
      'one who signs in with one permission set': suppressed(
        role('aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_FraudData_*'),
      ),
      'one who signs in with one permission set, in whatever Region': suppressed(
        role('aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_FraudData_*'),
      ),
      'one who signs in with one permission set, below whatever path of AWS': suppressed(
        role('aws-reserved/*/AWSReservedSSO_Forecast_*'),
      ),
      'a linted file': suppressed('pipelines/legacy-daily.json'),
      'linted files of a folder, or of any folder by their name': suppressed('**/legacy-*.json'),
      'the organization': suppressed('arn:aws:organizations::111122223333:organization'),
      'an account in a Region, for a control that judges accounts alone': suppressed(
        'arn:aws:sagemaker:eu-west-1:111122223333:*',
        { control: 'trail-logging' },
      ),
      'names of two letters, of which there are few': suppressedAll(['hr', 'ml', 'ops']),
      'many beginnings of names, each of which is long': suppressedAll(PAIRS.map((pair) => `team-${pair}-`)),
      'one that ends in a year to the day': suppressed(pipeline('fraud-*'), { expires: '2027-11-30' }),
      'one that has ended, whatever it covers': suppressed('arn:*:*:*:*:*', { expires: '2026-11-29' }),
      'one of an override': {
        overrides: [{ accounts: ['444455556666'], ...suppressed(pipeline('trial-*')) }],
      },
    },
    fails: {
      'everything there is': broad('everything of every service', 'arn:aws:*:*:*:*'),
      'everything of a service': broad('everything of sagemaker', 'arn:aws:sagemaker:*:*:*'),
      'every pipeline, with the slash left out': broad(
        'everything of sagemaker',
        'arn:aws:sagemaker:*:*:pipe*',
      ),
      'every pipeline': broad('every pipeline', pipeline('*')),
      'every pipeline of one account': broad(
        'every pipeline',
        'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/*',
      ),
      'what only ends with a name': broad('every pipeline whose ARN ends with -legacy', pipeline('*-legacy')),
      'a name of question marks': broad('every pipeline', pipeline('????*')),
      'every bucket': broad('every bucket', 'arn:aws:s3:::*'),
      'every role below a path that AWS gives to those of all teams': broad(
        'every role',
        role('service-role/*'),
      ),
      'every role below a path of AWS, however it is written': broad('every role', role('SERVICE-Role/*')),
      'every role below the beginning of a path of AWS': broad('every role', role('service-ro*')),
      'everybody who signs in': broad(
        'every role',
        role('aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_*'),
      ),
      'everybody who signs in, by the beginning of Regions': broad(
        'every role',
        role('aws-reserved/sso.amazonaws.com/eu*'),
      ),
      'everybody who signs in, in whatever Region': broad(
        'every role',
        role('aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_*'),
      ),
      'names that begin with one letter': broad('every pipeline whose name begins with a', pipeline('a*')),
      'jobs of pipelines without names of their own': broad(
        'names that AWS gives to each processing-job of any team',
        'arn:aws:sagemaker:*:*:processing-job/pipelines-*',
      ),
      'roles that the console makes for SageMaker': broad(
        'names that AWS gives to each role of any team',
        role('service-role/AmazonSageMaker-ExecutionRole-2026*'),
      ),
      'SageMaker’s default buckets': broad(
        'names that AWS gives to each bucket of any team',
        'arn:aws:s3:::sagemaker-*',
      ),
      'every linted file': broad('everything', '**/*.json'),
      'an account in a Region, for a control of other resources': broad(
        'everything of sagemaker',
        'arn:aws:sagemaker:eu-west-1:111122223333:*',
      ),
      'names of several teams': {
        ...TEAMS,
        ...suppressed(pipeline('f*')),
        told: {
          subject: `step-isolation on ${pipeline('f*')}`,
          evidence: [['suppressions[0].resource', 'covers names of several teams: fraud, forecast']],
        },
      },
      'names of several teams that the configuration names': {
        teams: [
          { name: 'risk', prefixes: ['ml-risk'] },
          { name: 'vision', pipelines: ['ml-vision-*'] },
        ],
        ...suppressed(pipeline('ml-*')),
        told: {
          subject: `step-isolation on ${pipeline('ml-*')}`,
          evidence: [['suppressions[0].resource', 'covers names of several teams: risk, vision']],
        },
      },
      'a step of every pipeline, for years': {
        ...suppressed(pipeline('*'), { step: 'Train', expires: '2099-12-31' }),
        told: {
          subject: `step-isolation on ${pipeline('*')}, step Train`,
          evidence: [
            ['suppressions[0].resource', 'covers every pipeline'],
            ['suppressions[0].expires', 'it ends on 2099-12-31'],
          ],
        },
      },
      'names of two letters, which together are all names': {
        ...suppressedAll(PAIRS),
        told: {
          subject: 'step-isolation on many beginnings of names',
          evidence: [
            [
              'suppressions[0].resource',
              '676 patterns together cover every pipeline whose name begins with aa, ab,',
            ],
          ],
          expected: 'one resource, or what begins with the names of one team',
        },
      },
      'names of two letters, in an override beside the top': {
        ...suppressedAll(PAIRS.slice(0, 6)),
        overrides: [{ accounts: ['444455556666'], ...suppressedAll(PAIRS.slice(6, 12)) }],
        told: {
          subject: 'step-isolation on many beginnings of names',
          evidence: [
            ['suppressions[0].resource', '12 patterns together cover every pipeline whose name begins with'],
          ],
        },
      },
      'a list of names of three letters, which together are many': {
        roles: { steps: PAIRS.map((pair) => role(`${pair}a*`)) },
        told: {
          subject: 'roles.steps',
          evidence: [
            ['roles.steps', '676 patterns together cover every role whose name begins with aaa, aba,'],
          ],
          expected: 'those who need it',
        },
      },
      'one of an override, at its place': {
        overrides: [{ accounts: ['444455556666'], ...suppressed('arn:aws:iam::*:*') }],
        told: {
          subject: 'step-isolation on arn:aws:iam::*:*',
          evidence: [['overrides[0].suppressions[0].resource', 'covers everything of iam']],
        },
      },
      'lists that name every role': {
        roles: {
          creators: [{ roles: [role('*')], pipelines: ['fraud-*'] }],
          execution: [role('pipelines/*')],
          steps: [role('*', '*')],
        },
        versionFloors: [{ pipeline: 'fraud-*', minimum: 6, except: [role('*')] }],
        scpException: { tagKey: 'a', tagValue: 'b', taggers: [role('service-role/*')] },
        told: [
          everybody('roles.creators', role('*')),
          everybody('roles.steps', role('*', '*')),
          everybody('versionFloors[0].except', role('*')),
          everybody('scpException.taggers', role('service-role/*')),
        ],
      },
      'pipelines that every role of another account may have': {
        sharedWith: ['777788889999', { principals: [role('*', '444455556666')], pipelines: ['fraud-*'] }],
        told: everybody('sharedWith', role('*', '444455556666')),
      },
      'a trust in everybody': {
        roles: { trusted: ['*', 'lambda.amazonaws.com', 'arn:aws:iam::*:root', '1*'] },
        told: {
          subject: 'roles.trusted',
          evidence: [
            ['roles.trusted', '* covers everything'],
            ['roles.trusted', 'arn:aws:iam::*:root covers every account'],
            ['roles.trusted', '1* covers every account'],
          ],
        },
      },
      'a trust in a role of every account, which whoever has an account can make': {
        roles: {
          creators: [role('ci', '*')],
          trusted: [role('ci', '*'), 'arn:aws:sts::11112222333?:assumed-role/ci/*', role('ci')],
        },
        told: {
          subject: 'roles.trusted',
          evidence: [
            ['roles.trusted', `${role('ci', '*')} covers every account`],
            ['roles.trusted', 'arn:aws:sts::11112222333?:assumed-role/ci/* covers every account'],
          ],
        },
      },
      'CORS rules for pages of everybody': {
        ...extraRule(
          '*',
          'https://*',
          'HTTP*://*.com',
          'https://app.acme.com*',
          'https://*acme.com',
          'https://*.acme.com',
        ),
        told: {
          subject: 'imageBuckets.extraRules',
          evidence: [
            ['imageBuckets.extraRules[0].allowedOrigins', '* covers pages of everybody'],
            ['imageBuckets.extraRules[0].allowedOrigins', 'https://* covers pages of everybody'],
            ['imageBuckets.extraRules[0].allowedOrigins', 'HTTP*://*.com covers pages of everybody'],
            ['imageBuckets.extraRules[0].allowedOrigins', 'https://app.acme.com* covers pages of everybody'],
            ['imageBuckets.extraRules[0].allowedOrigins', 'https://*acme.com covers pages of everybody'],
          ],
          expected: 'the origins of pages that need it',
          remedy: 'Let imageBuckets.extraRules name the origins',
        },
      },
    },
    warns: {
      'lists of roles whose names have only an end or a part in common': {
        roles: {
          creators: [role('*-Scientist')],
          execution: [role('*/churn-exec'), role('*-exec-*')],
        },
        told: [
          {
            subject: 'roles.creators',
            severity: 'MEDIUM',
            evidence: [
              ['roles.creators', `${role('*-Scientist')} covers every role whose ARN ends with -Scientist`],
            ],
            expected: 'those who need it',
          },
          {
            subject: 'roles.execution',
            severity: 'MEDIUM',
            evidence: [
              [
                'roles.execution',
                `${role('*/churn-exec')} covers every role whose ARN ends with /churn-exec`,
              ],
              ['roles.execution', `${role('*-exec-*')} covers every role whose ARN contains -exec-`],
            ],
            expected: 'those who need it',
          },
        ],
      },
      'one that ends a day after a year': {
        ...suppressed(pipeline('fraud-*'), { expires: '2027-12-01' }),
        told: {
          subject: `step-isolation on ${pipeline('fraud-*')}`,
          severity: 'MEDIUM',
          evidence: [['suppressions[0].expires', 'it ends on 2027-12-01']],
          expected: 'an end by 2027-11-30, a year from now',
        },
      },
      'a control that is off, for all and for some': {
        controls: { 'step-isolation': off, 'job-prefix-length': { severity: 'low' } },
        overrides: [{ accounts: ['444455556666'], controls: { 'pipeline-shared': off } }],
        told: [
          {
            subject: 'step-isolation is off',
            severity: 'MEDIUM',
            evidence: [['controls.step-isolation.enabled', 'off without an end: not used here']],
          },
          {
            subject: 'pipeline-shared is off in overrides[0]',
            severity: 'LOW',
            evidence: [
              ['overrides[0].controls.pipeline-shared.enabled', 'pipeline-shared is off without an end'],
            ],
          },
        ],
      },
    },
    isSilent: {
      'nothing is excepted': {},
      'CORS rules for pages of one’s own domain, and the rule that AWS asks for': {
        imageBuckets: {
          extraRules: [
            'ground-truth',
            ...extraRule(
              'https://app.acme.com',
              'https://*.acme.com',
              'https://*-dev.acme.com:8443',
              'http://localhost:*',
              'https://app.acme.com:*',
            ).imageBuckets.extraRules,
          ],
        },
      },
      'those who are named': {
        roles: { creators: [role('ci')], steps: [role('SC*')], administrators: [role('platform-*')] },
      },
    },
  });
});
