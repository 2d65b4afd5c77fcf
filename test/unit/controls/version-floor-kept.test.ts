import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/version-floor-kept.ts';
import { readEvents } from '../../../shared/events/read-events.ts';
import type { VersionFact } from '../../../shared/facts/facts.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { controlCases, verdictsOf } from '../../support/builders/control-cases.ts';

const MAYA = 'arn:aws:iam::111122223333:user/maya';
const RELEASE = 'arn:aws:iam::111122223333:role/ops/release';

type Case = Partial<VersionFact> & { floors?: NonNullable<Config['versionFloors']> };

const FLOOR = { pipeline: 'fraud-*', minimum: 6 };
const EXCEPTED = { ...FLOOR, except: ['arn:aws:iam::*:role/ops/*'] };

/** The record names a session whose role is unknown. */
const NOBODY = { principalArn: undefined } as object;

describe(control.id, () => {
  controlCases<Case>(control, {
    given: ({ floors = [FLOOR], ...version }) => ({
      facts: {
        version: {
          pipelineName: 'fraud-daily',
          versionId: 6,
          toldBy: 'StartPipelineExecution',
          principalArn: MAYA,
          ...version,
        },
      },
      config: { versionFloors: floors },
    }),
    passes: {
      'the version of the floor': {},
      'a later one, of more digits': { versionId: 10 },
      'the floor, by somebody unknown': { ...NOBODY, floors: [EXCEPTED] },
      'the floor of whom the other floor excepts': {
        principalArn: RELEASE,
        versionId: 4,
        floors: [EXCEPTED, { pipeline: '*', minimum: 4 }],
      },
    },
    fails: {
      'the version before the floor': {
        versionId: 5,
        told: {
          evidence: [['StartPipelineExecution', `version 5 of fraud-daily, by ${MAYA}`]],
          expected: 'version 6 or later',
          remedy: `see what version-floor-enforced finds of ${MAYA}`,
        },
      },
      'a version of fewer digits, which is no later one': {
        versionId: 9,
        floors: [{ pipeline: 'fraud-daily', minimum: 10 }],
        told: { evidence: [['StartPipelineExecution', 'version 9']], expected: 'version 10 or later' },
      },
      'a pipeline of which only an ARN in lower case is told': {
        versionId: 1,
        toldBy: 'UpdatePipelineVersion',
        floors: [{ pipeline: 'Fraud-*', minimum: 6 }],
        told: { evidence: [['UpdatePipelineVersion', 'version 1 of fraud-daily']] },
      },
      'a version that was changed': {
        versionId: 1,
        toldBy: 'UpdatePipelineVersion',
        told: { evidence: [['UpdatePipelineVersion', 'version 1']] },
      },
      'an alias, of which the execution tells the version': {
        versionId: 2,
        toldBy: 'DescribePipelineExecution',
        told: { evidence: [['DescribePipelineExecution', 'version 2']] },
      },
      'the newest version, where there is none from the floor on': {
        versionId: 3,
        toldBy: 'ListPipelineVersions',
        told: { evidence: [['ListPipelineVersions', 'version 3']] },
      },
      'the highest of several floors': {
        versionId: 7,
        floors: [FLOOR, { pipeline: '*-daily', minimum: 8 }, { pipeline: 'churn', minimum: 9 }],
        told: { evidence: [['StartPipelineExecution', 'version 7']], expected: 'version 8 or later' },
      },
      'somebody beside whom the floor excepts': {
        versionId: 5,
        principalArn: 'arn:aws:iam::111122223333:role/release',
        floors: [EXCEPTED],
        told: { evidence: [['StartPipelineExecution', 'by arn:aws:iam::111122223333:role/release']] },
      },
      'whom one of two floors excepts': {
        versionId: 3,
        principalArn: RELEASE,
        floors: [EXCEPTED, { pipeline: '*', minimum: 4 }],
        told: { evidence: [['StartPipelineExecution', 'version 3']], expected: 'version 4 or later' },
      },
      'nobody has told who it was': {
        ...NOBODY,
        versionId: 5,
        floors: [FLOOR, { ...EXCEPTED, minimum: 7 }],
        told: {
          evidence: [['StartPipelineExecution', 'version 5 of fraud-daily']],
          expected: 'version 6 or later',
          remedy: 'version-floor-enforced finds of its caller',
        },
      },
    },
    isNotAvailable: {
      'nobody has told who it was, and the floor excepts some': {
        ...NOBODY,
        versionId: 5,
        floors: [EXCEPTED],
        told: {
          evidence: [['StartPipelineExecution', 'by somebody whom the event does not name']],
          expected: 'but by whom the floor excepts',
        },
      },
    },
    isNotApplicable: {
      'whom the floor excepts': { versionId: 1, principalArn: RELEASE, floors: [EXCEPTED] },
      'a pipeline without a floor': { pipelineName: 'churn', versionId: 1 },
      'a pipeline whose name only begins like that of the floor': {
        pipelineName: 'fraud-daily-2',
        versionId: 1,
        floors: [{ pipeline: 'fraud-daily', minimum: 6 }],
      },
    },
  });

  describeCases('events', 'a caller of a real record', (folder) => {
    test.each([
      ['cloudtrail-invictus-PutRolePolicy.json', undefined, 'FAILED'],
      ['cloudtrail-invictus-PutRolePolicy.json', 'arn:aws:iam::*:user/*', 'NOT_APPLICABLE'],
      ['iam-CreateRole-ok-1.json', 'arn:aws:iam::*:role/*', 'FAILED'],
    ])('%s, where the floor excepts %s', (file, except, status) => {
      const record = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
      const started = {
        ...record,
        eventSource: 'sagemaker.amazonaws.com',
        eventName: 'StartPipelineExecution',
        requestParameters: { pipelineName: 'fraud-daily', pipelineVersionId: 2 },
        responseElements: null,
      };
      const [request] = readEvents(started, 'record').requests;
      const [start] = request?.type === 'pipeline' ? request.executions : [];
      if (start?.versionId === undefined) throw new Error('the record starts no version');
      const { versionId, principalArn } = start;
      const version = { pipelineName: 'fraud-daily', versionId, toldBy: 'StartPipelineExecution' };
      const verdicts = verdictsOf(control, {
        facts: { version: { ...version, ...(principalArn !== undefined && { principalArn }) } },
        config: { versionFloors: [{ ...FLOOR, ...(except !== undefined && { except: [except] }) }] },
      });
      expect(verdicts.map((verdict) => verdict.status)).toEqual([status]);
    });
  });
});
