import { isOfIam } from '../../domain/arn.ts';
import { resourceName } from '../../domain/resource.ts';
import type { WhoCan } from '../../who-can/who-can.ts';
import type { Picture, PictureEdge, PictureNode, Trait } from '../graph/picture.ts';
import { canOf, howOf, whereOf } from './who-can-table.ts';

/** A picture with more helps nobody. */
const MOST_NODES = 200;

const TYPES = { yes: 'can', if: 'can, under conditions', unknown: 'not known' } as const;

/** Who can do something, with lines from those who act through a role to that role, and from all to what it is about. */
export const whoCanPicture = (answers: readonly WhoCan[]): Picture => {
  const all = answers.map((each, at) => partOf(each, String(at)));
  const nodes = all.flatMap((part) => part.nodes);
  const drawn = nodes.slice(0, MOST_NODES);
  const ids = new Set(drawn.map(({ id }) => id));
  const [{ asked } = { asked: { verb: '', resource: '' } }] = answers;
  const title = `Who can ${asked.verb} ${resourceName(asked.resource)}`;
  return {
    name: title,
    of: { title, noun: 'node' },
    nodes: drawn,
    edges: all.flatMap(({ edges }) => edges).filter(({ from, to }) => ids.has(from) && ids.has(to)),
    findings: [],
    left: nodes.length - drawn.length,
  };
};

const partOf = (
  { account, asked, principals, outsiders }: WhoCan,
  prefix: string,
): { nodes: PictureNode[]; edges: PictureEdge[] } => {
  const idOf = (arn: string): string => `${prefix} ${arn}`;
  const target = idOf('');
  const node = (id: string, name: string, type: string, traits: readonly Trait[]): PictureNode => ({
    ...{ id, name, type, traits },
    findings: [],
    lanes: [],
  });
  const shown = principals.filter(({ answer }) => answer !== 'no');
  const outside = outsiders.map((each, at) => ({ ...each, id: idOf(`outside ${at}`) }));
  return {
    nodes: [
      node(target, resourceName(asked.resource), `${asked.verb}, account ${account}`, []),
      ...shown.map((who) =>
        node(idOf(who.arn), who.kind === 'root' ? 'root user' : resourceName(who.arn), TYPES[canOf(who)], [
          { kind: 'by', text: howOf(who) },
          ...(whereOf(who) === '' ? [] : [{ kind: 'where' as const, text: whereOf(who) }]),
        ]),
      ),
      ...outside.map(({ id, who, answer, at }) =>
        node(id, who, `outside, ${TYPES[answer]}`, [{ kind: 'by', text: at }]),
      ),
    ],
    edges: [
      ...shown.map(
        ({ arn, through: [first], answer }): PictureEdge => ({
          from: idOf(arn),
          to: first ? idOf(first.role) : target,
          kind: answer === 'yes' ? 'data' : 'order',
        }),
      ),
      ...outside.map(
        ({ id, by, answer }): PictureEdge => ({
          from: id,
          to: isOfIam(by, 'role/') ? idOf(by) : target,
          kind: answer === 'yes' ? 'data' : 'order',
        }),
      ),
    ],
  };
};
