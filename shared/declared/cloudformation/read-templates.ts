import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { Declare, DeclaredProblem, DeclaredResource } from '../declared.ts';
import {
  declareGroup,
  declareInlinePolicy,
  declareManagedPolicy,
  declarePolicy,
  declareRole,
  declareUser,
  type Memberships,
  membershipsOf,
} from './declare-iam.ts';
import { declareJob, declarePipeline, JOB_TYPES } from './declare-sagemaker.ts';
import { aliasesIn, declareBucket, declareBucketPolicy, declareKey } from './declare-storage.ts';
import type { Declaring } from './declared-parts.ts';
import { type StackScene, world } from './scene.ts';
import { type Stack, stacksOf, type TemplateInput } from './stacks.ts';
import type { Resource } from './template.ts';

export type { TemplateInput } from './stacks.ts';

/** What templates declare, and what is wrong with their texts, whatever their holes are filled with. */
export type ReadTemplates = { declare: Declare; problems: readonly DeclaredProblem[] };

/**
 * Reads templates of CloudFormation. The texts are parsed once; `declare` evaluates what is judged, and may be called often. Never throws on
 * a template.
 */
export const readTemplates = (inputs: readonly TemplateInput[]): ReadTemplates => {
  const origins: WeakMap<object, never> = new WeakMap();
  const stacks = stacksOf(inputs, origins);
  return {
    problems: stacks.flatMap(({ template }) => template.problems),
    declare: (fill) => {
      const { sceneOf, problems } = world(stacks, fill, origins);
      const all = stacks
        .filter((stack) => isMade(stack, sceneOf))
        .flatMap((stack) => {
          const scene = sceneOf(stack);
          return [...stack.template.resources.values()]
            .filter((resource) => isJudged(resource) && scene.exists(resource))
            .map((resource) => ({ resource, scene }));
        });
      for (const { resource, scene } of all) if (isOfOthers(resource)) reportOthers(resource, scene);
      const membersIn = membershipsOf(all);
      const aliasesFor = aliasesIn(all);
      const resources = all.flatMap(({ resource, scene }): DeclaredResource[] => {
        const around: Around = {
          memberships: membersIn(scene.scope.account),
          aliasesOf: aliasesFor(scene),
        };
        return DECLARING.get(resource.type)?.(around)(resource, scene) ?? [];
      });
      return { resources, problems: problems(), origins };
    },
  };
};

/** Whether a nested stack is made: the resource that makes it may have a condition. */
const isMade = ({ parent }: Stack, sceneOf: (stack: Stack) => StackScene): boolean => {
  if (!parent) return true;
  const resource = parent.stack.template.resources.get(parent.id);
  return resource !== undefined && sceneOf(parent.stack).exists(resource) && isMade(parent.stack, sceneOf);
};

/** What resources of other types say of those that are declared. */
type Around = { memberships: Memberships; aliasesOf: (key: string) => readonly string[] };

/** What is declared for the resources of a type. */
const DECLARING: ReadonlyMap<string, (around: Around) => Declaring> = new Map<
  string,
  (around: Around) => Declaring
>([
  ['AWS::IAM::Role', ({ memberships }) => declareRole(memberships)],
  ['AWS::IAM::User', ({ memberships }) => declareUser(memberships)],
  ['AWS::IAM::Group', () => declareGroup],
  ['AWS::IAM::ManagedPolicy', () => declareManagedPolicy],
  ['AWS::IAM::Policy', () => declarePolicy],
  ['AWS::IAM::RolePolicy', () => declareInlinePolicy('role', 'RoleName')],
  ['AWS::IAM::UserPolicy', () => declareInlinePolicy('user', 'UserName')],
  ['AWS::IAM::GroupPolicy', () => declareInlinePolicy('group', 'GroupName')],
  ['AWS::SageMaker::Pipeline', () => declarePipeline],
  ...[...JOB_TYPES].map(([type, kind]) => [type, () => declareJob(kind)] as const),
  ['AWS::S3::Bucket', () => declareBucket],
  ['AWS::S3::BucketPolicy', () => declareBucketPolicy],
  ['AWS::KMS::Key', ({ aliasesOf }) => declareKey(aliasesOf)],
  ['AWS::KMS::ReplicaKey', ({ aliasesOf }) => declareKey(aliasesOf)],
]);

/** Types of which nothing is declared, but which say something of others. */
const AROUND: ReadonlySet<string> = new Set([
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::UserToGroupAddition',
  'AWS::KMS::Alias',
]);

/** Resources that make others, which are somewhere else. */
const isOfOthers = ({ type }: Resource): boolean =>
  type === 'AWS::CloudFormation::Stack' || type.endsWith('::MODULE');

const isJudged = (resource: Resource): boolean =>
  DECLARING.has(resource.type) || AROUND.has(resource.type) || isOfOthers(resource);

const reportOthers = ({ id, origin }: Resource, { stack, report }: StackScene): void => {
  if (!stack.nested.has(id))
    report(
      origin,
      `the template of ${visibleText(cut(id, 100))} is not at hand; what it makes is not judged`,
    );
};
