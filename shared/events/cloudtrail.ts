import type { RequestTrigger } from '../domain/trigger.ts';
import { asText, type Json, memberAnyCase } from '../json/json.ts';
import { type AuditedCallOf, auditedCall, type RecordForm } from './audited-calls.ts';
import { readBucket, readTaggedResource } from './bucket-records.ts';
import { whyUnaudited } from './iam-calls.ts';
import { readGroup, readPolicy, readPrincipal, readRenamedGroup, readRenamedUser } from './iam-records.ts';
import { readJob } from './job-records.ts';
import { readAlias, readKey } from './key-records.ts';
import { readOrganization } from './organizations-records.ts';
import { readPipeline, readPipelineVersion, readRetry, readStart } from './pipeline-records.ts';
import { callOf, isOmitted, type Reading, type RecordReader } from './record.ts';
import { readNewShare, readShare, readShareContent } from './share-records.ts';

const READERS: { readonly [F in RecordForm]: RecordReader<F> } = {
  pipeline: readPipeline,
  'pipeline version': readPipelineVersion,
  'execution start': readStart,
  'execution retry': readRetry,
  job: readJob,
  bucket: readBucket,
  'tagged resource': readTaggedResource,
  role: readPrincipal('role'),
  user: readPrincipal('user'),
  'renamed user': readRenamedUser,
  group: readGroup,
  'renamed group': readRenamedGroup,
  policy: readPolicy,
  key: readKey,
  alias: readAlias,
  'new share': readNewShare,
  'share content': readShareContent,
  share: readShare,
  organization: readOrganization,
};

/**
 * The categories whose records tell of a call. Records of network activity have no request, and those of Insights count
 * calls. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
const OF_CALLS: readonly string[] = ['Management', 'Data'];

/**
 * A CloudTrail record as audit requests. The event source decides before the event name, because CodePipeline and Data
 * Pipeline have a CreatePipeline call too.
 */
export const readCloudTrail = (record: Json, trigger: RequestTrigger): Reading => {
  const category = asText(memberAnyCase(record, 'eventCategory'));
  if (category !== undefined && !OF_CALLS.includes(category))
    return {
      ignored: `a record of the category ${category.slice(0, 64)} repeats or counts calls that have records`,
    };
  const source = eventSource(record);
  const audited = auditedCall(source, trigger.eventName);
  if (!audited) {
    const why = source === 'iam.amazonaws.com' ? whyUnaudited(trigger.eventName) : undefined;
    return {
      ignored: `${trigger.eventName} of ${source} changes nothing that a control reads${why ? `: ${why}` : ''}`,
    };
  }
  const errorCode = asText(memberAnyCase(record, 'errorCode'));
  if (errorCode !== undefined) return { ignored: `the call failed (${errorCode}), so that nothing changed` };
  const reading = readAudited(record, trigger, audited);
  const isCut = isOmitted(memberAnyCase(record, 'requestParameters'));
  if (!('unreadable' in reading) || !isCut) return reading;
  return { unreadable: `CloudTrail left the request out as too large, and ${reading.unreadable}` };
};

const readAudited = <F extends RecordForm>(
  record: Json,
  trigger: RequestTrigger,
  audited: AuditedCallOf<F>,
): Reading => {
  const { form }: { form: F } = audited;
  return READERS[form](callOf(record, trigger, audited));
};

/** The service whose call a record describes; an empty text where the value is not a record. */
export const eventSource = (record: Json): string => asText(memberAnyCase(record, 'eventSource')) ?? '';
