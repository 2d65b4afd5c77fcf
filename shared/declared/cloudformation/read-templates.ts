import { listed } from '../../text/listed.ts';
import { visibleName, visibleText } from '../../text/visible-text.ts';
import type { Declare, DeclaredProblem, DeclaredResource } from '../declared.ts';
import { CALLING_RESOURCE, reportCalls } from './custom-resource.ts';
import {
  aroundInstanceProfile,
  declareGroup,
  declareGroupAddition,
  declareInlinePolicy,
  declareManagedPolicy,
  declarePolicy,
  declareRole,
  declareUser,
  roleKey,
} from './declare-iam.ts';
import { declareJob, declarePipeline, JOB_TYPES } from './declare-sagemaker.ts';
import { aroundAlias, declareBucket, declareBucketPolicy, declareKey } from './declare-storage.ts';
import type { AroundFact, Declaring, TellingAround } from './declared-parts.ts';
import { isSameList, keptAsHoles } from './kept-as-holes.ts';
import type { Resource } from './resource.ts';
import { isNesting } from './resource-forms.ts';
import type { StackScene } from './scene.ts';
import { type Stack, stacksOf, type TemplateInput } from './stacks.ts';
import { world } from './world.ts';

export type { TemplateInput } from './stacks.ts';

/** What templates declare, and what is wrong with their texts, whatever their holes are filled with. */
export type ReadTemplates = { declare: Declare; problems: readonly DeclaredProblem[] };

/**
 * Reads templates of CloudFormation. The texts are parsed once; `declare` evaluates what is judged, and may be called often: what hangs on
 * no other values than before is not evaluated again. Never throws on a template.
 */
export const readTemplates = (inputs: readonly TemplateInput[]): ReadTemplates => {
  const origins: WeakMap<object, never> = new WeakMap();
  const stacks = stacksOf(inputs, origins);
  const keptFacts = keptAsHoles<AroundFact[]>();
  const keptResources = keptAsHoles<ReturnType<Declaring>>();
  const work = { done: 0 };
  let facts: readonly AroundFact[] = [];
  return {
    problems: stacks.flatMap(({ template }) => template.problems),
    declare: (fill) => {
      const made = world(stacks, fill, origins, work);
      const all = stacks
        .filter((stack) => isMade(stack, made.sceneOf))
        .flatMap((stack) => {
          const scene = made.sceneOf(stack);
          return [...scene.template.resources.values()]
            .filter((resource) => isJudged(resource) && scene.exists(resource))
            .map((resource) => ({ resource, scene, key: `${stack.index} ${resource.id}` }));
        });
      for (const { resource, scene } of all) {
        if (isOfOthers(resource)) reportOthers(resource, scene);
        if (resource.type === CALLING_RESOURCE) reportCalls(resource, scene);
      }
      const toldBy = all.flatMap(({ resource, scene, key }): ToldBy[] => {
        const telling = AROUND.get(resource.type);
        if (!telling) return [];
        return [
          { resource, scene, told: keptFacts(key, made, fill, [resource], () => telling(resource, scene)) },
        ];
      });
      const told = toldBy.flatMap((each) => each.told);
      facts = isSameList(facts, told) ? facts : told;
      const around = aroundOf(facts);
      const resources = all.flatMap(({ resource, scene, key }) => {
        const declaring = DECLARING.get(resource.type);
        return declaring
          ? keptResources(key, made, fill, [resource, facts], () =>
              rewritten(declaring(resource, scene, around), macroOf(scene.stack)),
            )
          : [];
      });
      reportUndeclared(toldBy, resources);
      return { resources, problems: made.problems(), origins, outcomes: made.outcomes() };
    },
  };
};

/** The macro that AWS runs on the template of a stack, or on one around it, which tells what the stack is made of. */
const macroOf = ({ template, parent }: Stack): string | undefined =>
  template.macro ?? (parent && macroOf(parent.stack));

const rewritten = (
  declared: readonly DeclaredResource[],
  rewrittenBy: string | undefined,
): DeclaredResource[] =>
  declared.map((each) => (rewrittenBy === undefined ? each : { ...each, rewrittenBy }));

/** What a resource tells of others. */
type ToldBy = { resource: Resource; scene: StackScene; told: readonly AroundFact[] };

/** That an instance profile has a role which is declared nowhere here is told, because nobody judges that role. */
const reportUndeclared = (toldBy: readonly ToldBy[], resources: readonly DeclaredResource[]): void => {
  const declared = new Set(
    resources.flatMap((each) => (each.type === 'role' ? [roleKey(each, each.name)] : [])),
  );
  for (const { resource, scene, told } of toldBy) {
    if (resource.type !== 'AWS::IAM::InstanceProfile') continue;
    const start = roleKey(scene, '').length;
    const others = told.flatMap(({ of }) => (declared.has(of) ? [] : [visibleText(of.slice(start))]));
    if (others.length > 0)
      scene.report(
        resource.origin,
        `no template here declares the role ${listed(others, 5)}; what this instance profile changes there is not judged`,
      );
  }
};

const aroundOf = (facts: readonly AroundFact[]): Parameters<Declaring>[2] => {
  const lists = new Map<string, AroundFact['told'][]>();
  for (const { of, told } of facts) {
    const list = lists.get(of) ?? [];
    list.push(told);
    lists.set(of, list);
  }
  return (key) => lists.get(key) ?? [];
};

/** Whether a nested stack is made: the resource that makes it may have a condition. */
const isMade = ({ parent }: Stack, sceneOf: (stack: Stack) => StackScene): boolean => {
  if (!parent) return true;
  const resource = sceneOf(parent.stack).template.resources.get(parent.id);
  return resource !== undefined && sceneOf(parent.stack).exists(resource) && isMade(parent.stack, sceneOf);
};

/** What is declared for the resources of a type. */
const DECLARING: ReadonlyMap<string, Declaring> = new Map([
  ['AWS::IAM::Role', declareRole],
  ['AWS::IAM::User', declareUser],
  ['AWS::IAM::Group', declareGroup],
  ['AWS::IAM::ManagedPolicy', declareManagedPolicy],
  ['AWS::IAM::Policy', declarePolicy],
  ['AWS::IAM::RolePolicy', declareInlinePolicy('role', 'RoleName')],
  ['AWS::IAM::UserPolicy', declareInlinePolicy('user', 'UserName')],
  ['AWS::IAM::GroupPolicy', declareInlinePolicy('group', 'GroupName')],
  ['AWS::IAM::UserToGroupAddition', declareGroupAddition],
  ['AWS::SageMaker::Pipeline', declarePipeline],
  ...[...JOB_TYPES].map(([type, kind]): [string, Declaring] => [type, declareJob(kind)]),
  ['AWS::S3::Bucket', declareBucket],
  ['AWS::S3::BucketPolicy', declareBucketPolicy],
  ['AWS::KMS::Key', declareKey],
  ['AWS::KMS::ReplicaKey', declareKey],
]);

/** Types of which nothing is declared, but which tell something of others. */
const AROUND: ReadonlyMap<string, TellingAround> = new Map([
  ['AWS::IAM::InstanceProfile', aroundInstanceProfile],
  ['AWS::KMS::Alias', aroundAlias],
]);

/** Resources that make others, which are somewhere else. */
const isOfOthers = ({ type, hasConnectors }: Resource): boolean =>
  isNesting(type) || type.endsWith('::MODULE') || MAKING.has(type) || hasConnectors;

/** What makes resources or policies that are not judged. */
const MAKING: ReadonlyMap<string, string> = new Map([
  ['AWS::Serverless::Connector', 'the policies that SAM makes of it are not known here; they are not judged'],
  [
    'AWS::CloudFormation::StackSet',
    'the stacks that it makes in accounts are not judged; audit its template',
  ],
]);

const isJudged = (resource: Resource): boolean =>
  DECLARING.has(resource.type) ||
  AROUND.has(resource.type) ||
  resource.type === CALLING_RESOURCE ||
  isOfOthers(resource);

const reportOthers = ({ id, type, origin, hasConnectors }: Resource, { stack, report }: StackScene): void => {
  const name = visibleName(id);
  const making = MAKING.get(hasConnectors ? 'AWS::Serverless::Connector' : type);
  if (making !== undefined) report(origin, `${name}: ${making}`);
  else if (!stack.nested.has(id))
    report(origin, `the template of ${name} is not at hand; what it makes is not judged`);
};
