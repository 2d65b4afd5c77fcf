import { resourceName } from '../../domain/resource.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { Picture, PictureNode } from './picture.ts';

/** The longest description. A screen reader reads it as a whole. */
const LONGEST = 4000;

/** The picture in words, for people who cannot see it. */
export const describePicture = ({ nodes, edges, findings, roleArn, left, of }: Picture): string => {
  const names = namesOf(nodes);
  const after = (id: string) => edges.filter(({ to }) => to === id).map(({ from }) => names.get(from) ?? '');
  const noun = of?.noun ?? 'step';
  const sentences = [
    `${counted(names.size, noun)}${roleArn === undefined ? '' : `, run as ${resourceName(roleArn)}`}.`,
    ...(findings.length > 0
      ? [`On the pipeline: ${findings.map(({ control }) => control).join(', ')}.`]
      : []),
    ...sentencesOf(nodes, after, ''),
    ...(left > 0 ? [`${left} more ${noun}s are not drawn.`] : []),
  ];
  return cut(visibleText(sentences.join(' ')), LONGEST);
};

const namesOf = (nodes: readonly PictureNode[]): Map<string, string> =>
  new Map(
    nodes.flatMap((node): [string, string][] => [
      [node.id, node.name],
      ...node.lanes.flatMap(({ nodes: inner }) => [...namesOf(inner)]),
    ]),
  );

const sentencesOf = (
  nodes: readonly PictureNode[],
  after: (id: string) => string[],
  where: string,
): string[] =>
  nodes.flatMap((node) => {
    const before = after(node.id);
    const found = node.findings.map(({ control }) => control);
    return [
      `${node.name} (${node.type}${where}${before.length > 0 ? `, after ${before.join(', ')}` : ''})` +
        `${found.length > 0 ? `: ${found.join(', ')}` : ''}.`,
      ...node.lanes.flatMap(({ label, nodes: inner }) =>
        sentencesOf(inner, after, `, ${label} of ${node.name}`),
      ),
    ];
  });
