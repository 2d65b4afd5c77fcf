/** A message to a channel about a finding: it began, it ended, or (which is no news) it changed. */
export type ChannelMessage = {
  channel: 'SNS' | 'Slack' | 'bus';
  of: string;
  kind: 'opened' | 'closed' | 'changed';
  eventId?: string;
  /** The id of the change, by which listeners of the bus recognise a repeat. */
  changeId?: string;
  /** The resource's ARN, if the message contains it. */
  arn?: string;
};

/** The messages in a successful call to a service that tells people or other programs something. */
export const toldBy = (service: string, operation: string, body: string): ChannelMessage[] => {
  if (service === 'sns' && operation === 'Publish') return toldBySns(body);
  if (service === 'events' && operation === 'PutEvents') return toldByBus(body);
  return operation.includes('/api/chat.') ? toldBySlack(operation, body) : [];
};

type Alert = { status: string; findings: { id: string }[]; more: number };

const toldBySns = (body: string): ChannelMessage[] => {
  const { default: text } = JSON.parse(new URLSearchParams(body).get('Message') ?? '{}') as {
    default: string;
  };
  const { status, findings, more } = JSON.parse(text) as Alert;
  if (more > 0) throw new Error('an alert counts findings that it does not name');
  const kind = status === 'OPENED' || status === 'REOPENED' ? 'opened' : 'closed';
  return findings.map(({ id }) => ({ channel: 'SNS', of: id, kind }));
};

type Detail = { id: string; changeId: string; trigger?: { eventId: string }; resource: { arn: string } };
type Entry = { DetailType: string; Detail: string };

const toldByBus = (body: string): ChannelMessage[] =>
  (JSON.parse(body) as { Entries: Entry[] }).Entries.map(({ DetailType, Detail }) => {
    const { id, changeId, trigger, resource } = JSON.parse(Detail) as Detail;
    const kind = KINDS[DetailType.replace('Pipewarden Finding ', '')] ?? 'changed';
    const event = trigger && { eventId: trigger.eventId };
    return { channel: 'bus', of: id, kind, changeId, arn: resource.arn, ...event };
  });

const KINDS: Readonly<Record<string, ChannelMessage['kind']>> = {
  Opened: 'opened',
  Resolved: 'closed',
  Closed: 'closed',
  'Not Judged': 'closed',
};

const LINE = /^\*(.+?)\* `([\w-]+)` on `(\S+?)`/;
const SINGLE = /^(.+?): ([\w-]+) on \S+ .*\((?:.*)\) (\S+)$/s;

/** A list in a message names no finding ids, so findings are known by control and resource. */
const toldBySlack = (operation: string, body: string): ChannelMessage[] => {
  const form = new URLSearchParams(body);
  const text = form.get('text') ?? '';
  const blocks = JSON.parse(form.get('blocks') ?? '[]') as { text?: { text: string } }[];
  const listed = blocks.flatMap(({ text: block }) => {
    const match = LINE.exec(block?.text ?? '');
    return match ? [match] : [];
  });
  if (blocks.some(({ text: block }) => /^and \d+ more$/.test(block?.text ?? '')))
    throw new Error('a digest counts findings that it does not name');
  const single = listed.length === 0 ? SINGLE.exec(text) : null;
  const all = single ? [single] : listed;
  return all.flatMap(([, word = '', control = '', arn = '']): ChannelMessage[] => {
    const kind = /Resolved|Closed|Not judged|Suppressed/.test(word) ? 'closed' : 'opened';
    // Rewriting the message of a finding that stays open is no news.
    if (kind === 'opened' && operation.includes('chat.update')) return [];
    return [{ channel: 'Slack', of: `${control} ${arn}`, kind }];
  });
};
