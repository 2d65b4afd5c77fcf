import { recordId } from '../../history/record-id.ts';
import type { ChangeRecord } from '../../history/records.ts';
import { complianceFinding, type OcsfContext } from './ocsf.ts';

/**
 * A change of the history as a Compliance Finding: it creates, updates or closes the finding. Only what was mended, or does not apply any
 * more, is resolved; what ended in any other way is archived, with the reason. `metadata.uid` is the record’s id, by which a repeat is known.
 */
export const complianceChange = (record: ChangeRecord, context: Omit<OcsfContext, 'version'>): object => {
  const { at, account, region, version, finding, ended } = record;
  const { remediation, ...told } = finding;
  const event = complianceFinding(
    { ...told, remediation: { text: remediation }, lastObservedAt: at },
    { account, region, generatedAt: at },
    { ...context, version },
  ) as { metadata: object };
  return {
    ...event,
    ...activityOf(record),
    ...(ended && { status_detail: `${ended.how}: ${ended.because}` }),
    metadata: { ...event.metadata, uid: recordId(record) },
  };
};

const activityOf = ({ change, finding: { suppression }, ended }: ChangeRecord): object => {
  const [id, activity] =
    change === 'opened' ? [1, 'Create'] : change === 'changed' ? [2, 'Update'] : [3, 'Close'];
  const isResolved = ended?.how === 'mended' || ended?.how === 'not-applicable';
  const [statusId, status] = ended
    ? isResolved
      ? [4, 'Resolved']
      : [5, 'Archived']
    : suppression
      ? [3, 'Suppressed']
      : [1, 'New'];
  return {
    activity_id: id,
    activity_name: activity,
    type_uid: 200_300 + id,
    type_name: `Compliance Finding: ${activity}`,
    status_id: statusId,
    status,
  };
};
