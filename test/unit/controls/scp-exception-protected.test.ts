import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/scp-exception-protected.ts';
import {
  type ControlCases,
  controlCases,
  type Given,
  mended,
  step,
} from '../../support/builders/control-cases.ts';
import { managedPolicyCases } from '../../support/builders/managed-policy-cases.ts';
import { principalFacts, ROLE, type Stated, scpsOf } from '../../support/builders/principal-facts.ts';

const DEVELOPER = 'arn:aws:iam::111122223333:role/developer';
const KEY = 'pipelines-json-get';
const TAGGING = ['iam:TagRole', 'iam:UntagRole', 'iam:CreateRole'];

const given = (stated: Stated): Given => ({
  facts: principalFacts({
    arn: DEVELOPER,
    pipelines: { 'fraud-daily': { steps: [step('Train', 'Training')] } },
    ...stated,
  }),
  config: {
    scpException: {
      tagKey: KEY,
      tagValue: 'true',
      taggers: ['arn:aws:iam::*:role/platform-admin'],
    },
  },
});

const statement = (Effect: 'Allow' | 'Deny', Action: string | string[], more: object = {}): object => ({
  Effect,
  Action,
  Resource: '*',
  ...more,
});
const on = (operator: string, value: string | string[] = KEY, key = 'aws:TagKeys'): object => ({
  Condition: { [operator]: { [key]: value } },
});
const guardedBy = (ending: string): NonNullable<Stated['organization']> =>
  scpsOf(statement('Deny', 'iam:*Role', on(`ForAnyValue:StringEquals${ending}`)));
/** A role whose trust policy lets a principal bring tags into its sessions. */
const tagsFrom = (AWS: string): NonNullable<Stated['others']> => ({
  'arn:aws:iam::111122223333:role/etl': {
    trust: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: ['sts:AssumeRole', 'sts:TagSession'] }],
    },
  },
});
const at = (index: number, found: string): [string, string] => [`${DEVELOPER} own/Statement/${index}`, found];

const fails = {
  'iam:TagRole on all roles': {
    allow: [statement('Allow', 'iam:TagRole')],
    told: {
      evidence: [at(0, 'allows iam:TagRole on a role such as arn:aws:iam::111122223333:role/')],
      expected: `denied with the tag ${KEY} to all but arn:aws:iam::*:role/platform-admin`,
      remedy: 'or name it in scpException.taggers',
    },
  },
  'all three': {
    allow: [statement('Allow', TAGGING)],
    told: { evidence: [at(0, 'iam:TagRole'), at(0, 'iam:CreateRole'), at(0, `iam:UntagRole on ${ROLE}`)] },
  },
  'wildcards in the middle of the action': {
    allow: [statement('Allow', ['iam:Create*e', 'iam:U*Role'])],
    told: { evidence: [at(0, 'iam:CreateRole'), at(0, 'iam:UntagRole')] },
  },
  NotAction: {
    allow: [{ Effect: 'Allow', NotAction: ['iam:Put*', 'iam:Attach*'], Resource: '*' }],
    told: {
      evidence: ['TagRole', 'CreateRole', 'TagUser', 'CreateUser', 'UntagRole'].map((name) =>
        at(0, `iam:${name}`),
      ),
    },
  },
  'NotResource that leaves out the execution roles': {
    allow: [
      statement('Allow', TAGGING, {
        Resource: undefined,
        NotResource: 'arn:aws:iam::111122223333:role/pipelines/*',
      }),
    ],
    told: { evidence: [at(0, 'iam:TagRole'), at(0, 'iam:CreateRole')] },
  },
  'a second statement for roles under one path': {
    allow: [
      statement('Allow', 'iam:TagRole', on('ForAllValues:StringNotEqualsIgnoreCase')),
      statement('Allow', 'iam:TagRole', { Resource: 'arn:aws:iam::*:role/dev/*' }),
    ],
    told: { evidence: [at(1, 'role/dev/')] },
  },
  'a condition on another tag': {
    allow: [statement('Allow', 'iam:TagRole', on('ForAllValues:StringNotEquals', 'team'))],
    told: { evidence: [at(0, 'iam:TagRole')] },
  },
  'a condition that any other tag of the request meets': {
    allow: [statement('Allow', 'iam:TagRole', on('ForAnyValue:StringNotEquals'))],
    told: { evidence: [at(0, 'iam:TagRole')] },
  },
  'a Deny that any other tag of the request undoes': {
    allow: [
      statement('Allow', ['iam:TagRole', 'iam:UntagRole']),
      statement('Deny', '*', on('ForAllValues:StringEquals')),
    ],
    told: { evidence: [at(0, 'iam:TagRole'), at(0, 'iam:UntagRole')] },
  },
  'a pattern that leaves the tag out': {
    allow: [
      statement('Allow', 'iam:TagRole'),
      statement('Deny', 'iam:TagRole', on('ForAnyValue:StringEquals', 'pipelines-*')),
    ],
    told: { evidence: [at(0, 'iam:TagRole')] },
  },
  'a Deny by the tag in the request, which iam:UntagRole does not carry': {
    allow: [
      statement('Allow', TAGGING),
      statement('Deny', TAGGING, on('StringLike', '*', `aws:RequestTag/${KEY}`)),
    ],
    told: { evidence: [at(0, `iam:UntagRole on ${ROLE}`)] },
  },
  'a Deny of one of the actions': {
    allow: [
      statement('Allow', ['iam:TagRole', 'iam:CreateRole']),
      statement('Deny', 'iam:TagRole', on('ForAnyValue:StringEqualsIgnoreCase')),
    ],
    told: { evidence: [at(0, 'iam:CreateRole')] },
  },
  'a guard that the tag passes in other letters, of which IAM minds no case': {
    allow: [statement('Allow', TAGGING), statement('Deny', TAGGING, on('ForAnyValue:StringEquals'))],
    told: { evidence: [at(0, 'iam:TagRole'), at(0, 'iam:CreateRole'), at(0, `iam:UntagRole on ${ROLE}`)] },
  },
  'such a guard as a condition': {
    allow: [statement('Allow', 'iam:TagRole', on('ForAllValues:StringNotEquals'))],
    told: { evidence: [at(0, 'iam:TagRole')] },
  },
  'the tags of users': {
    allow: [statement('Allow', ['iam:TagUser', 'iam:CreateUser'])],
    told: {
      evidence: [
        at(0, 'iam:TagUser on a user such as arn:aws:iam::111122223333:user/'),
        at(0, 'iam:CreateUser'),
      ],
    },
  },
  'its own user': {
    arn: 'arn:aws:iam::111122223333:user/maya',
    allow: [statement('Allow', 'iam:Tag*', { Resource: 'arn:aws:iam::*:user/${aws:username}' })],
    told: {
      evidence: [['arn:aws:iam::111122223333:user/maya own/Statement/0', 'iam:TagUser on a user such as']],
    },
  },
  'the tags of its sessions of another role': {
    allow: [statement('Allow', ['sts:AssumeRole', 'sts:TagSession'])],
    others: tagsFrom(DEVELOPER),
    told: {
      evidence: [
        [
          'trust policy of arn:aws:iam::111122223333:role/etl/Statement/0',
          'sts:TagSession on its sessions of arn:aws:iam::111122223333:role/etl',
        ],
      ],
    },
  },
  'what is allowed through a group': {
    arn: 'arn:aws:iam::111122223333:user/maya',
    allow: [statement('Allow', 's3:ListAllMyBuckets')],
    groups: { team: [statement('Allow', 'iam:UntagRole')] },
    told: { evidence: [['arn:aws:iam::111122223333:group/team own/Statement/0', ROLE]] },
  },
} satisfies ControlCases<Stated>['fails'];

describe(control.id, () => {
  controlCases<Stated>(control, {
    given,
    passes: {
      'nothing about roles': { allow: [statement('Allow', 's3:*')] },
      'no request with the tag': {
        allow: [statement('Allow', TAGGING, on('ForAllValues:StringNotEqualsIgnoreCase'))],
      },
      'some other tags alone': {
        allow: [statement('Allow', TAGGING, on('ForAllValues:StringEquals', ['team', 'cost-center']))],
      },
      'a Deny with the tag': {
        allow: [
          statement('Allow', TAGGING),
          statement('Deny', TAGGING, on('ForAnyValue:StringEqualsIgnoreCase')),
        ],
      },
      'a Deny by a pattern': {
        allow: [
          statement('Allow', TAGGING),
          statement('Deny', TAGGING, on('ForAnyValue:StringLike', '*-*-*')),
        ],
      },
      'to set it to another value': {
        allow: [
          statement(
            'Allow',
            ['iam:TagRole', 'iam:CreateRole'],
            on('StringNotEquals', 'true', `aws:RequestTag/${KEY}`),
          ),
        ],
      },
      'a boundary that has nothing about tags': {
        allow: [statement('Allow', TAGGING)],
        boundary: [statement('Allow', 's3:*')],
      },
      'an SCP that denies': { allow: [statement('Allow', TAGGING)], organization: guardedBy('IgnoreCase') },
      'an SCP that denies in one spelling, which is told of the organization': {
        allow: [statement('Allow', TAGGING)],
        organization: guardedBy(''),
      },
      'roles of another account': {
        allow: [statement('Allow', TAGGING, { Resource: 'arn:aws:iam::999988887777:role/*' })],
      },
      'its own user, but not its tags': {
        arn: 'arn:aws:iam::111122223333:user/maya',
        allow: [
          statement('Allow', 'iam:*', { Resource: 'arn:aws:iam::*:user/${aws:username}' }),
          statement('Deny', ['iam:TagUser', 'iam:CreateUser']),
        ],
      },
      'to bring tags into sessions, where no role takes them': { allow: [statement('Allow', 'sts:*')] },
      'to bring other tags into sessions of a role': {
        allow: [
          statement('Allow', 'sts:*'),
          statement('Deny', 'sts:TagSession', on('ForAnyValue:StringEqualsIgnoreCase')),
        ],
        others: tagsFrom(DEVELOPER),
      },
      'that somebody else brings tags into sessions of a role': {
        allow: [statement('Allow', 's3:*')],
        others: tagsFrom('arn:aws:iam::111122223333:role/other'),
      },
      'to take it from roles that no pipeline runs under': {
        allow: [statement('Allow', 'iam:UntagRole', { Resource: 'arn:aws:iam::*:role/dev/*' })],
      },
      'a condition that never holds': {
        allow: [statement('Allow', TAGGING, on('StringEquals', '999988887777', 'aws:PrincipalAccount'))],
      },
    },
    fails: mended(fails),
    isNotAvailable: {
      'a condition on what only the request tells': {
        allow: [statement('Allow', 'iam:TagRole', on('StringEquals', 'fraud', 'aws:ResourceTag/team'))],
        told: { evidence: [at(0, 'aws:ResourceTag/team')] },
      },
    },
    isNotApplicable: {
      'one of the taggers': {
        arn: 'arn:aws:iam::111122223333:role/platform-admin',
        allow: [statement('Allow', TAGGING)],
      },
      'an administrator': { allow: [statement('Allow', 'iam:*')] },
      'an administrator whom nobody names': { allow: [statement('Allow', '*')], isGoverned: false },
    },
  });

  managedPolicyCases(control, given, [
    ['AmazonSageMakerFullAccess', 'PASSED'],
    ['AmazonSageMakerPipelinesIntegrations', 'PASSED'],
    ['AdministratorAccess', 'NOT_APPLICABLE'],
  ]);
});
