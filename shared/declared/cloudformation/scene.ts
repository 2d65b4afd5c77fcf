import { partitionOfRegion, suffixOf } from '../../domain/regions.ts';
import type { Scope } from '../../domain/scope.ts';
import { visibleName } from '../../text/visible-text.ts';
import type { Fill, Hole, Origin } from '../declared.ts';
import { ACCOUNT_HOLE, REGION_HOLE } from '../fill.ts';
import { type Expression, evaluated, NO_VALUE, type Scene, UNKNOWN, type Value } from './evaluation.ts';
import { textValue, withReferences } from './expressions.ts';
import { STACK_HOLE } from './pseudo-parameters.ts';
import type { Resource } from './resource.ts';
import { generatedPattern, isNesting, type ResourceForm, resourceForm } from './resource-forms.ts';
import type { Stack } from './stacks.ts';
import type { Output, Parameter, Template } from './template.ts';

/** A stack while holes are filled in one way. */
export type StackScene = Scene & {
  stack: Stack;
  /** The stack’s template, with its loops written out. */
  template: Template;
  scope: Scope;
  exists: (thing: Pick<Resource, 'condition' | 'origin'>) => boolean;
  /** The name and ARN that AWS gives a resource of a type whose form is known. */
  named: (resource: Resource) => { name: string; arn: string };
  /** An evaluated property; `NO_VALUE` where the template does not give it. */
  property: (resource: Resource, ...path: [string, ...string[]]) => Value;
};

/** What all stacks share while holes are filled in one way. */
export type Shared = Pick<Scene, 'open' | 'report' | 'spend' | 'deeper' | 'note' | 'known'> & {
  stacks: readonly Stack[];
  fill: Fill;
  sceneOf: (stack: Stack) => StackScene;
  /** Notes whether a condition is true. */
  decided: (condition: string, isTrue: boolean) => void;
  /** The output that a stack of an account and Region exports under a name. */
  exported: (account: string, region: string, name: string) => { stack: Stack; output: Output } | undefined;
  /** Evaluates something of a stack once for all who ask. `circle`: the value of what depends on itself. */
  once: (stack: Stack, what: string, origin: Origin, evaluate: () => Value, circle: () => Value) => Value;
};

/** A stack in a world. */
export const stackScene = (stack: Stack, template: Template, shared: Shared): StackScene => {
  const { label } = stack;
  const fill = (hole: Hole): string => shared.fill({ ...hole, name: `${label}${hole.name}` });

  const compared = (hole: Hole): Hole => {
    const texts = template.comparedWith(hole.name);
    return texts.length > 0 ? { ...hole, compared: texts } : hole;
  };

  // They are asked for each time, so that it is known which values hang on them.
  const account = (): string => stack.account ?? shared.fill(compared(ACCOUNT_HOLE));
  const region = (): string => stack.region ?? shared.fill(compared(REGION_HOLE));
  const partition = (): string => partitionOfRegion(region());
  const pseudo = (name: string): Value | undefined => {
    switch (name) {
      case 'AWS::NoValue':
        return NO_VALUE;
      case 'AWS::AccountId':
        return account();
      case 'AWS::Region':
        return region();
      case 'AWS::StackName':
        return stack.name ?? fill(compared(STACK_HOLE));
      case 'AWS::Partition':
        return partition();
      case 'AWS::URLSuffix':
        return suffixOf(partition());
      case 'AWS::StackId': {
        const id = fill({ name, by: 'generated', tell: 'nothing; AWS makes it up' });
        return filled(`cloudformation:{region}:{account}:stack/${pseudo('AWS::StackName') as string}/${id}`);
      }
      case 'AWS::NotificationARNs':
        return fill({ name, by: 'given', tell: 'write the ARNs into the template' });
      default:
        return undefined;
    }
  };
  /** An ARN from its part behind the partition. */
  const filled = (form: string, name = '', path = ''): string =>
    `arn:${partition()}:${places(form, name, path)}`;
  const places = (form: string, name: string, path: string): string => {
    const given: Record<string, () => string> = {
      account,
      region,
      name: () => name,
      path: () => path,
      suffix: () => suffixOf(partition()),
    };
    return form.replace(/\{(\w+)\}/g, (whole, place: string) => given[place]?.() ?? whole);
  };

  const listed = ({ form }: Parameter, text: string): Value => {
    if (form === 'text') return text;
    const parts = text.split(',').map((each) => each.trim());
    return text === '' ? [] : parts;
  };
  const parameter = (one: Parameter, origin: Origin): Value => {
    const passed = stack.passed?.(one.name);
    const value = passed ? evaluated(passed.expression, shared.sceneOf(passed.stack)) : NO_VALUE;
    if (value === UNKNOWN || Array.isArray(value)) return value;
    const text = value === NO_VALUE ? undefined : textValue(value, origin, self, one.name);
    if (text !== undefined) return listed(one, text);
    if (stack.passed && one.byDefault !== undefined) return listed(one, one.byDefault);
    return listed(one, withReferences(fill(holeOf(one)), self));
  };

  const nameOf = (resource: Resource, form: ResourceForm): string => {
    const { id, origin } = resource;
    const given = form.name === undefined ? undefined : resource.property(form.name);
    const open = {
      name: id,
      by: 'given',
      tell: `write the ${form.name} of ${id} into the template`,
    } as const;
    const value = shared.once(
      stack,
      `the name of ${id}`,
      origin,
      () => {
        const own = given ? evaluated(given, self) : NO_VALUE;
        if (own !== NO_VALUE) {
          const text = textValue(own, origin, self, `the ${form.name} of ${id}`) ?? fill(open);
          return form.without !== undefined && text.startsWith(form.without)
            ? text.slice(form.without.length)
            : text;
        }
        const isUsual = form.prefix === undefined || !resource.property(form.prefix);
        const like = isUsual ? generatedPattern(form, stack.name, id) : undefined;
        return fill({
          name: id,
          ...(like !== undefined && { like }),
          by: 'generated',
          tell: form.name === undefined ? 'nothing; AWS makes it up' : `give ${id} a ${form.name}`,
        });
      },
      () => fill(open),
    );
    return typeof value === 'string' ? value : fill(open);
  };
  const arnOf = (resource: Resource, form: ResourceForm & { arn: string }): string => {
    const path = form.arn.includes('{path}') ? resource.property('Path') : undefined;
    const own = path ? evaluated(path, self) : '/';
    return filled(form.arn, nameOf(resource, form), typeof own === 'string' ? own : '/');
  };

  /** A value of a resource that only AWS tells. */
  const told = (id: string, attribute?: string): string =>
    fill({
      name: attribute === undefined ? id : `${id}.${attribute}`,
      by: 'given',
      tell: `write the value into the template in place of ${attribute === undefined ? `the reference to ${id}` : `${id}.${attribute}`}`,
    });

  const existing = (id: string, origin: Origin): Resource | undefined => {
    const resource = template.resources.get(id);
    if (!resource) shared.report(origin, `the template has no parameter or resource ${visibleName(id)}`);
    else if (!exists(resource))
      shared.report(
        origin,
        `${visibleName(id)} is not made under these conditions, but something refers to it`,
      );
    else return resource;
    return undefined;
  };

  const exists = ({ condition, origin }: Pick<Resource, 'condition' | 'origin'>): boolean =>
    condition === undefined || self.isTrue(condition, origin);

  const textOf = (form: ResourceForm, resource: Resource, text: string): string => {
    if (text === 'name') return nameOf(resource, form);
    if (text === 'arn' && form.arn !== undefined) return arnOf(resource, { ...form, arn: form.arn });
    return places(text, nameOf(resource, form), '');
  };

  const self: StackScene = {
    ...shared,
    stack,
    template,
    get scope() {
      return { account: account(), region: region(), partition: partition() };
    },
    fill,
    map: template.map,
    exists,
    refer: (name, origin) => {
      const known = pseudo(name);
      if (known !== undefined) return known;
      const one = template.parameters.get(name);
      if (one)
        return shared.once(
          stack,
          `the parameter ${name}`,
          origin,
          () => parameter(one, origin),
          () => fill(holeOf(one)),
        );
      const resource = existing(name, origin);
      if (!resource) return told(visibleName(name));
      const form = resourceForm(resource.type);
      if (isNesting(resource.type))
        return filled(`cloudformation:{region}:{account}:stack/${nameOf(resource, form)}`);
      if (form === resourceForm('')) return told(name);
      return textOf(form, resource, form.ref === 'arn' ? 'arn' : (form.ref?.text ?? 'name'));
    },
    attribute: (id, attribute, origin) => {
      const resource = existing(id, origin);
      if (!resource) return told(visibleName(id), visibleName(attribute));
      const nested = isNesting(resource.type) ? stack.nested.get(id) : undefined;
      if (nested && attribute.startsWith('Outputs.'))
        return output(nested, attribute.slice('Outputs.'.length), origin) ?? told(id, attribute);
      const form = resourceForm(resource.type);
      const text =
        attribute === 'Arn' && form.arn !== undefined
          ? 'arn'
          : Object.hasOwn(form.attributes ?? {}, attribute)
            ? form.attributes?.[attribute]
            : undefined;
      return text === undefined ? told(id, visibleName(attribute)) : textOf(form, resource, text);
    },
    isTrue: (name, origin) => {
      const condition = template.condition(name);
      const either = (): boolean =>
        fill({
          name: `the condition ${visibleName(name)}`,
          values: ['true', 'false'],
          by: 'given',
          tell: 'write a condition that does not depend on itself',
        }) === 'true';
      if (!condition) {
        shared.report(origin, `the template has no condition ${visibleName(name)}`);
        return either();
      }
      const value = shared.once(stack, `the condition ${name}`, origin, () => condition(self), either);
      const isTrue = typeof value === 'boolean' ? value : either();
      shared.decided(`${stack.index} ${name}`, isTrue);
      return isTrue;
    },
    imported: (name, origin) => {
      const found = shared.exported(account(), region(), name);
      const value = found && outputValue(shared.sceneOf(found.stack), found.output, origin);
      return (
        value ??
        shared.fill({
          name: `the export ${visibleName(name)}`,
          by: 'given',
          tell: 'give the template of the stack that exports it too, or write the value into this one',
        })
      );
    },
    stackOutput: ({ name, output: key, region: asked }, origin) => {
      const wanted = asked ?? region();
      const other = shared.stacks.find(
        (each) => each.name === name && (each.region ?? shared.fill(REGION_HOLE)) === wanted,
      );
      return (
        (other && output(other, key, origin)) ??
        shared.fill({
          name: `the output ${visibleName(key)} of the stack ${visibleName(name)}`,
          by: 'given',
          tell: 'give the template of that stack too, or write the value into this one',
        })
      );
    },
    named: (resource) => {
      const form = resourceForm(resource.type);
      const name = nameOf(resource, form);
      return { name, arn: form.arn === undefined ? name : arnOf(resource, { ...form, arn: form.arn }) };
    },
    property: (resource, ...path) => {
      const own: Expression | undefined = resource.property(...path);
      return own ? evaluated(own, self) : NO_VALUE;
    },
  };

  const output = (other: Stack, name: string, origin: Origin): Value | undefined => {
    const found = shared.sceneOf(other).template.outputs.get(name);
    return found && outputValue(shared.sceneOf(other), found, origin);
  };
  /** Outputs of stacks may lead in a circle, through parameters and imports. */
  const outputValue = (other: StackScene, found: Output, origin: Origin): Value | undefined => {
    const { value } = found;
    if (!value || !other.exists(found)) return undefined;
    return shared.once(
      other.stack,
      `the output ${found.origin.pointer.slice('/Outputs/'.length)}`,
      origin,
      () => evaluated(value, other),
      () => UNKNOWN,
    );
  };
  return self;
};

const holeOf = ({ name, allowed, byDefault, compared, storedAs }: Parameter): Hole => ({
  name,
  parameter: name,
  ...(allowed && { values: allowed }),
  ...(byDefault !== undefined && { byDefault }),
  ...(compared && { compared }),
  by: 'given',
  tell:
    storedAs === undefined
      ? `give --parameter ${visibleName(name)}=…`
      : `give the value of the SSM parameter ${visibleName(storedAs)} as --parameter ${visibleName(name)}=…`,
});
