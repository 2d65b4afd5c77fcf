import fc from 'fast-check';
import { asList, isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { crowdedStatement, type Neutral, neutralStatement, neutralTrustStatement } from './neutral.ts';
import { REWRITES } from './rewrites.ts';
import type { Held, Subject } from './subjects.ts';
import {
  anyConditions,
  anyReach,
  askedActions,
  FOCUS,
  type Focus,
  listOf,
  type Place,
} from './vocabulary.ts';

/** Where statements are added: in a policy that the principal has, beside those, or in a layer that limits it. */
const PLACES = [
  'inline',
  'policy',
  'old policy',
  'managed',
  'group',
  'boundary',
  'scp',
  'new scp',
  'trust',
] as const;
export type At = (typeof PLACES)[number];

export type Addition = { at: At; index: number; statements: readonly Neutral[] };

/** One statement of one document written otherwise. */
export type Step = { document: number; statement: number; how: string; choice: number };

/** What is done to a principal's policies. */
export type Change = { additions: readonly Addition[]; steps: readonly Step[] };

/** A document in what is held, in place: what is written into its list of statements changes it. */
export type Written = {
  kind: 'identity' | 'boundary' | 'group' | 'trust' | 'scp';
  name: string;
  document: JsonObject;
  /** Of an SCP: no policy of its level allows anything, so that AWS’s own must be there though the listing lacks it. */
  isDenyOnly?: boolean;
};

const FULL = { Effect: 'Allow', Action: '*', Resource: '*' };

const documentOf = (statements: readonly JsonObject[], Version = '2012-10-17'): JsonObject => ({
  Version,
  Statement: [...statements],
});

/** IAM gives documents as text in some answers. */
const parsed = (value: Json | undefined): JsonObject | undefined => {
  if (typeof value !== 'string') return isObject(value) ? value : undefined;
  try {
    const read = JSON.parse(value.startsWith('{') ? value : decodeURIComponent(value));
    return isObject(read) ? read : undefined;
  } catch {
    return undefined;
  }
};

/** Every document that can be changed, those that can be parsed; texts are replaced by what they say. */
export const documentsOf = (held: Held): Written[] => {
  const { kind, principal, groups, managed } = held.details;
  const inlineOf = (entry: JsonObject, list: string, of: 'identity' | 'group'): Written[] =>
    (asList(entry[list]) as JsonObject[]).flatMap((each) => {
      const document = parsed(each.PolicyDocument);
      if (!document) return [];
      each.PolicyDocument = document;
      return { kind: of, name: `${of} ${each.PolicyName}`, document };
    });
  const boundary = isObject(principal.PermissionsBoundary) ? principal.PermissionsBoundary : {};
  const trust = parsed(principal.AssumeRolePolicyDocument);
  if (trust) principal.AssumeRolePolicyDocument = trust;
  return [
    ...inlineOf(principal, `${kind}PolicyList`, 'identity'),
    ...groups.flatMap((group) => inlineOf(group, 'GroupPolicyList', 'group')),
    ...managed.flatMap((policy): Written[] => {
      const version = (asList(policy.PolicyVersionList) as JsonObject[]).find(
        ({ IsDefaultVersion }) => IsDefaultVersion === true,
      );
      const document = parsed(version?.Document);
      if (!version || !document) return [];
      version.Document = document;
      const isBoundary = policy.Arn === boundary.PermissionsBoundaryArn;
      return [{ kind: isBoundary ? 'boundary' : 'identity', name: String(policy.Arn), document }];
    }),
    ...(trust ? [{ kind: 'trust' as const, name: 'trust', document: trust }] : []),
    ...(held.organization?.scps ?? []).flatMap(({ policies }) => {
      const isDenyOnly = policies.every((policy) =>
        statementsIn(parsed(policy.document) ?? {}).every(({ Effect }) => Effect === 'Deny'),
      );
      return policies.flatMap((policy) => {
        const document = parsed(policy.document);
        if (!document) return [];
        Object.assign(policy, { document });
        return [{ kind: 'scp' as const, name: `SCP ${policy.name}`, document, isDenyOnly }];
      });
    }),
  ];
};

const statementsIn = (document: JsonObject): JsonObject[] =>
  asList(document.Statement).filter((each) => isObject(each));

const isNew = ({ Version }: JsonObject): boolean => Version === '2012-10-17';

const withDocument = (entry: JsonObject, list: string, policy: JsonObject): void => {
  entry[list] = [...asList(entry[list]), policy];
};

const MADE = 'arn:aws:iam::aws:policy/MadeByTheTest';

const managedPolicy = (Arn: string, Document: JsonObject): JsonObject => ({
  PolicyName: Arn.slice(Arn.lastIndexOf('/') + 1),
  Arn,
  DefaultVersionId: 'v1',
  PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document }],
});

/** Statements with variables stand in a document of the version that knows variables alone. */
const canHold = (document: JsonObject, statements: readonly Neutral[]): boolean =>
  isNew(document) || statements.every(({ hasVariables }) => !hasVariables);

const append = (document: JsonObject, statements: readonly JsonObject[]): void => {
  document.Statement = [...statementsIn(document), ...statements];
};

const add = (held: Held, { at, index, statements }: Addition, number: number): void => {
  const { details } = held;
  const { principal, kind } = details;
  const raw = statements.map(({ statement }) => statement);
  const existing = (of: Written['kind']): Written | undefined => {
    const allows = statements.some(({ statement }) => statement.Effect === 'Allow');
    const all = documentsOf(held).filter(
      (each) =>
        each.kind === of &&
        canHold(each.document, statements) &&
        statementsIn(each.document).length > 0 &&
        !(each.isDenyOnly && allows),
    );
    return all[index % Math.max(all.length, 1)];
  };
  const beside = (Version = '2012-10-17'): void =>
    withDocument(principal, `${kind}PolicyList`, {
      PolicyName: `made-${number}`,
      PolicyDocument: documentOf(raw, Version),
    });
  switch (at) {
    case 'inline': {
      const found = existing('identity');
      if (found) append(found.document, raw);
      else beside();
      return;
    }
    case 'policy':
      beside();
      return;
    case 'old policy':
      beside(statements.some(({ hasVariables }) => hasVariables) ? '2012-10-17' : '2008-10-17');
      return;
    case 'managed':
      withDocument(principal, 'AttachedManagedPolicies', {
        PolicyName: 'MadeByTheTest',
        PolicyArn: `${MADE}${number}`,
      });
      Object.assign(details, {
        managed: [...details.managed, managedPolicy(`${MADE}${number}`, documentOf(raw))],
      });
      return;
    case 'group': {
      const found = existing('group');
      if (found) append(found.document, raw);
      else if (kind === 'Role') beside();
      else {
        const GroupName = `made-${number}`;
        withDocument(principal, 'GroupList', GroupName as unknown as JsonObject);
        Object.assign(details, {
          groups: [
            ...details.groups,
            {
              GroupName,
              Arn: `arn:aws:iam::111122223333:group/${GroupName}`,
              GroupPolicyList: [{ PolicyName: 'made', PolicyDocument: documentOf(raw) }],
            },
          ],
        });
      }
      return;
    }
    case 'boundary': {
      const found = existing('boundary');
      if (found) append(found.document, raw);
      // A boundary that holds everything takes nothing; where there is one that cannot be changed, the policies are.
      else if (principal.PermissionsBoundary === undefined) {
        principal.PermissionsBoundary = { PermissionsBoundaryArn: `${MADE}Boundary${number}` };
        Object.assign(details, {
          managed: [
            ...details.managed,
            managedPolicy(`${MADE}Boundary${number}`, documentOf([FULL, ...raw])),
          ],
        });
      } else beside();
      return;
    }
    case 'scp': {
      const found = existing('scp');
      if (found) append(found.document, raw);
      else beside();
      return;
    }
    case 'new scp': {
      // A level of SCPs that allows everything, and these statements beside, limits nothing.
      if (held.organization) {
        const level = {
          target: `ou-made-${number}`,
          policies: [{ name: 'Made', document: documentOf([FULL, ...raw]) }],
        };
        Object.assign(held, {
          organization: { ...held.organization, scps: [...held.organization.scps, level] },
        });
      } else beside();
      return;
    }
    case 'trust': {
      const found = existing('trust');
      if (found) append(found.document, raw);
      return;
    }
  }
};

const rewrite = (held: Held, { document: at, statement: index, how, choice }: Step): void => {
  const documents = documentsOf(held);
  const written = documents[at % Math.max(documents.length, 1)];
  if (!written) return;
  const { document } = written;
  const all = statementsIn(document);
  if (how === 'statements in reverse') {
    document.Statement = all.toReversed();
    return;
  }
  if (how === 'one statement without a list') {
    if (all[0] && all.length === 1) document.Statement = all[0];
    return;
  }
  const statement = all[index % Math.max(all.length, 1)];
  if (!statement) return;
  if (how === 'a policy for one statement') {
    const { details } = held;
    if (written.kind !== 'identity' || all.length < 2 || !isNew(document)) return;
    document.Statement = all.filter((each) => each !== statement);
    withDocument(details.principal, `${details.kind}PolicyList`, {
      PolicyName: `moved-${choice}`,
      PolicyDocument: documentOf([statement]),
    });
    return;
  }
  const made = REWRITES[how]?.(statement, choice);
  if (!made) return;
  const named = made.length > 1 ? made.map(({ Sid: _, ...each }) => each) : made;
  document.Statement = all.flatMap((each) => (each === statement ? (named as JsonObject[]) : [each]));
};

/** What is held after the change. */
export const changed = (held: Held, { additions, steps }: Change): Held => {
  const copy = structuredClone(held);
  for (const step of steps) rewrite(copy, step);
  for (const [number, addition] of additions.entries()) add(copy, addition, number);
  return copy;
};

/** What is held of the documents that a change touched or made, to be shown. */
export const shownChange = ({ additions, steps }: Change): string =>
  [
    ...steps.map((step) => `rewritten: ${JSON.stringify(step)}`),
    ...additions.flatMap(({ at, statements }) =>
      statements.map(({ why, statement }) => `added (${at}): ${JSON.stringify(statement)}  [${why}]`),
    ),
  ].join('\n');

/** The kinds of statement and rewriting that a change is made of. */
export const kindOfChange = ({ additions, steps }: Change): string =>
  [
    ...new Set([
      ...steps.map(({ how }) => `rewrite: ${how}`),
      ...additions.flatMap(({ at, statements }) =>
        statements.map(({ why, statement }) => `${at}: ${statement.Effect} where ${why}`),
      ),
    ]),
  ]
    .sort()
    .join(' + ');

/** What is open is tried three times as often as what passes. */
const focusOf = ({ before }: Subject): Focus[] =>
  [...before].flatMap(([control, { status }]) => {
    const focus = FOCUS[control];
    if (!focus || status === 'NOT_APPLICABLE') return [];
    return status === 'PASSED' ? [focus] : [focus, focus, focus];
  });

export const placeOf = (subject: Subject): Place => placeIn(subject, focusOf(subject));

const placeIn = ({ arn, scope, foreign, words, unheard, held }: Subject, focus: readonly Focus[]): Place => ({
  account: scope.account,
  partition: scope.partition,
  region: scope.region,
  arn,
  isUser: arn.includes(':user/'),
  foreign,
  focus,
  unheard,
  words,
  resources: resourcesIn(held),
});

const resourcesIn = (held: Held): string[] => {
  const all = documentsOf(structuredClone(held)).flatMap(({ kind, document }) =>
    kind === 'trust' || !isNew(document)
      ? []
      : statementsIn(document).flatMap(({ Resource, NotResource }) =>
          asList(Resource ?? NotResource).map(String),
        ),
  );
  return [...new Set(all)].slice(0, 200);
};

/** Few statements mostly; as many as make a search explode now and then. */
const manyOf = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(
    ...(
      [
        [3, 14],
        [8, 4],
        [16, 3],
        [40, 1],
      ] as const
    ).map(([maxLength, weight]) => ({
      arbitrary: fc.array(one, { minLength: 1, maxLength, size: 'max' as const }),
      weight,
    })),
  );

const at = (...places: At[]): fc.Arbitrary<At> => fc.constantFrom(...places);

const step: fc.Arbitrary<Step> = fc.record({
  document: fc.nat(50),
  statement: fc.nat(50),
  how: fc.constantFrom(
    ...Object.keys(REWRITES),
    'statements in reverse',
    'one statement without a list',
    'a policy for one statement',
  ),
  choice: fc.nat(1000),
});

/** A change that gives and takes nothing: statements, other ways of writing, or both. */
export const neutralChange = (place: Place): fc.Arbitrary<Change> => {
  const own: fc.Arbitrary<Addition> = fc.record({
    at: at('inline', 'policy', 'policy', 'old policy', 'managed', 'group', 'boundary', 'scp', 'new scp'),
    index: fc.nat(20),
    statements: manyOf(neutralStatement(place)),
  });
  const trust: fc.Arbitrary<Addition> = fc.record({
    at: at('trust'),
    index: fc.nat(3),
    statements: fc.array(neutralTrustStatement(place), { minLength: 1, maxLength: 6 }),
  });
  const additions = fc.array(
    fc.oneof(
      { arbitrary: own, weight: place.isUser ? 1 : 6 },
      { arbitrary: trust, weight: place.isUser ? 0 : 1 },
    ),
    { minLength: 1, maxLength: 2 },
  );
  const crowd: fc.Arbitrary<Addition> = fc.record({
    at: at('inline', 'policy', 'managed', 'boundary', 'scp'),
    index: fc.nat(20),
    statements: fc.array(crowdedStatement(place), { minLength: 1, maxLength: 2 }),
  });
  return fc.oneof(
    { arbitrary: crowd.map((one) => ({ additions: [one], steps: [] })), weight: 1 },
    { arbitrary: additions.map((all) => ({ additions: all, steps: [] })), weight: 18 },
    {
      arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => ({ additions: [], steps })),
      weight: 6,
    },
    {
      arbitrary: fc
        .tuple(additions, fc.array(step, { minLength: 1, maxLength: 2 }))
        .map(([all, steps]) => ({ additions: all, steps })),
      weight: 5,
    },
  );
};

/** A change that only denies, or only allows; what it allows makes nobody an administrator. */
export const oneSidedChange = (place: Place, effect: 'Allow' | 'Deny'): fc.Arbitrary<Change> => {
  const statement: fc.Arbitrary<Neutral> = fc
    .tuple(anyReach(place), anyConditions(place))
    .filter(([reach]) => effect === 'Deny' || !givesPolicies(reach))
    .map(([reach, condition]) => ({
      why: effect === 'Deny' ? 'it only denies' : 'it only allows',
      statement: {
        Effect: effect,
        ...reach,
        ...(Object.keys(condition).length > 0 && { Condition: condition }),
      },
      hasVariables: true as const,
    }));
  return fc
    .record({
      at:
        effect === 'Deny'
          ? at('inline', 'policy', 'managed', 'group', 'boundary', 'scp', 'new scp')
          : at('inline', 'policy', 'managed', 'group'),
      index: fc.nat(20),
      statements: fc.oneof(
        { arbitrary: fc.array(statement, { minLength: 1, maxLength: 3 }), weight: 5 },
        { arbitrary: fc.array(statement, { minLength: 4, maxLength: 10 }), weight: 1 },
      ),
    })
    .map((addition) => ({ additions: [addition], steps: [] }));
};

/** Whether a statement may be about iam:PutRolePolicy or iam:AttachRolePolicy. */
const givesPolicies = ({ Action, NotAction }: JsonObject): boolean =>
  NotAction !== undefined ||
  asList(Action).some((text) => /^(\*|iam:\*|iam:\*role|iam:(put|attach).*)$/i.test(String(text)));

/**
 * Denies on a few names that nothing in the account has. They take something real, but so little that who may do too much
 * may do so still: of what a pattern with a star allows they leave out but those names, and what a policy names in full
 * is none of them. In a trust policy, they are on behalf of a few accounts of all that there are.
 */
export const pinprickChange = (place: Place): fc.Arbitrary<Change> => {
  const { partition, account, unheard } = place;
  const resource = fc
    .tuple(fc.constantFrom(...unheard), fc.constantFrom('', '', '*'))
    .chain(([name, star]) =>
      fc.constantFrom(
        `arn:${partition}:iam::${account}:role/${name}${star}`,
        `arn:${partition}:iam::*:role/${name}${star}`,
        `arn:${partition}:s3:::${name}/*`,
        `arn:${partition}:s3:::${name}${star}/*`,
        `arn:${partition}:sagemaker:*:${account}:*/${name}${star}`,
        `arn:${partition}:sagemaker:${place.region}:${account}:training-job/${name}`,
        `arn:${partition}:sagemaker:*:${account}:pipeline/${name}`,
      ),
    );
  const statement: fc.Arbitrary<Neutral> = fc.oneof(
    fc
      .tuple(askedActions(place), fc.uniqueArray(resource, { minLength: 1, maxLength: 4 }))
      .map(([actions, texts]) => ({
        why: 'names that nothing has',
        statement: { Effect: 'Deny', Action: listOf(actions), Resource: listOf(texts) },
      })),
    fc.constantFrom(...unheard).map((name) => ({
      why: 'a value that nothing has',
      statement: {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': name } },
      },
    })),
    fc.constantFrom(...unheard).map((name) => ({
      why: 'a value that nothing has',
      statement: {
        Effect: 'Deny',
        Action: 'iam:PassRole',
        Resource: '*',
        Condition: { StringLike: { 'iam:PassedToService': [name, `${name}.amazonaws.com`] } },
      },
    })),
  );
  const trust = fc
    .uniqueArray(fc.constantFrom('999999999999', '000000000000', ...place.foreign), {
      minLength: 1,
      maxLength: 4,
    })
    .map(
      (accounts): Neutral => ({
        why: 'a few accounts that nothing names',
        statement: {
          Effect: 'Deny',
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': accounts } },
        },
      }),
    );
  const of = (places: fc.Arbitrary<At>, one: fc.Arbitrary<Neutral>): fc.Arbitrary<Change> =>
    fc
      .record({ at: places, index: fc.nat(20), statements: fc.array(one, { minLength: 1, maxLength: 3 }) })
      .map((addition) => ({ additions: [addition], steps: [] }));
  return fc.oneof(
    { arbitrary: of(at('inline', 'policy', 'managed', 'boundary', 'scp', 'new scp'), statement), weight: 4 },
    { arbitrary: of(at('trust'), trust), weight: place.isUser ? 0 : 1 },
  );
};
