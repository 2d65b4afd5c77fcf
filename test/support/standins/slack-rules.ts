type Rule =
  | { is: 'text'; min?: number; max: number; oneOf?: readonly string[] }
  | { is: 'flag' }
  | { is: 'list'; min: number; max: number; of: (item: unknown) => string[] }
  | { is: 'object'; faults: (item: unknown) => string[] };

type Shape = { required: Record<string, Rule>; optional: Record<string, Rule> };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const faultsOf = (value: unknown, { required, optional }: Shape, at: string): string[] => {
  if (!isRecord(value)) return [`${at} is not an object`];
  const known = { ...required, ...optional };
  return [
    ...Object.keys(value)
      .filter((key) => !Object.hasOwn(known, key))
      .map((key) => `${at}.${key} is unknown, or not modelled here`),
    ...Object.keys(required)
      .filter((key) => value[key] === undefined)
      .map((key) => `${at}.${key} is missing`),
    ...Object.entries(known).flatMap(([key, rule]) =>
      value[key] === undefined ? [] : faultsBy(value[key], rule, `${at}.${key}`),
    ),
  ];
};

const faultsBy = (value: unknown, rule: Rule, at: string): string[] => {
  switch (rule.is) {
    case 'flag':
      return typeof value === 'boolean' ? [] : [`${at} is not a boolean`];
    case 'object':
      return rule.faults(value);
    case 'list':
      if (!Array.isArray(value)) return [`${at} is not a list`];
      return value.length < rule.min || value.length > rule.max
        ? [`${at} has ${value.length} items`]
        : value.flatMap(rule.of);
    case 'text':
      if (typeof value !== 'string') return [`${at} is not text`];
      if (value.length < (rule.min ?? 1) || value.length > rule.max)
        return [`${at} has ${value.length} characters`];
      return rule.oneOf && !rule.oneOf.includes(value) ? [`${at} is ${value}`] : [];
  }
};

const text = (max: number): Rule => ({ is: 'text', max });
const only = (...oneOf: string[]): Rule => ({ is: 'text', max: 100, oneOf });
const blockId = { block_id: text(255) };

/** Text of one of those kinds (https://docs.slack.dev/reference/block-kit/composition-objects/text-object). */
const textObject =
  (max: number, kinds: readonly string[], at: string) =>
  (value: unknown): string[] => {
    const { type, text: content } = isRecord(value) ? value : {};
    const own: Record<string, Rule> =
      type === 'mrkdwn' ? { verbatim: { is: 'flag' } } : { emoji: { is: 'flag' } };
    return [
      ...faultsOf(value, { required: { type: only(...kinds), text: text(max) }, optional: own }, at),
      ...(typeof content === 'string' ? markupFaults(content, at) : []),
      ...(type === 'mrkdwn' && String(content).split('```').length % 2 === 0
        ? [`${at} has a code block without an end`]
        : []),
    ];
  };

const BOTH = ['mrkdwn', 'plain_text'];

const BLOCKS: Readonly<Record<string, Shape>> = {
  header: {
    required: {
      type: only('header'),
      text: { is: 'object', faults: textObject(150, ['plain_text'], 'header.text') },
    },
    optional: blockId,
  },
  section: {
    required: { type: only('section') },
    optional: {
      ...blockId,
      text: { is: 'object', faults: textObject(3000, BOTH, 'section.text') },
      fields: { is: 'list', min: 1, max: 10, of: textObject(2000, BOTH, 'section.fields') },
    },
  },
  context: {
    required: {
      type: only('context'),
      elements: { is: 'list', min: 1, max: 10, of: textObject(3000, BOTH, 'context.elements') },
    },
    optional: blockId,
  },
  divider: { required: { type: only('divider') }, optional: blockId },
};

/** The faults of a message's blocks (https://docs.slack.dev/reference/block-kit/blocks). */
export const blockFaults = (blocks: unknown): string[] => {
  if (!Array.isArray(blocks)) return ['blocks is not a list'];
  if (blocks.length > 50) return [`there are ${blocks.length} blocks`];
  return blocks.flatMap((block) => {
    const type = isRecord(block) && typeof block.type === 'string' ? block.type : '';
    const shape = Object.hasOwn(BLOCKS, type) ? BLOCKS[type] : undefined;
    if (!shape) return [`a block of type ${JSON.stringify(type)} is not modelled here`];
    const isEmpty = type === 'section' && isRecord(block) && !block.text && !block.fields;
    return [...faultsOf(block, shape, type), ...(isEmpty ? ['a section without text and fields'] : [])];
  });
};

/**
 * Finds markup that our messages never need: links and mentions, cut escapes, and invisible characters
 * (https://docs.slack.dev/messaging/formatting-message-text).
 */
export const markupFaults = (value: string, at: string): string[] => [
  ...(/[<>]/.test(value) ? [`${at} holds a link, a mention or a bracket that was not escaped`] : []),
  ...(/&(?!(amp|lt|gt);)/.test(value) ? [`${at} holds an ampersand that was not escaped`] : []),
  ...(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u.test(value) ? [`${at} holds a hidden character`] : []),
];
