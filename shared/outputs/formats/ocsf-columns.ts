/** The type of a member of an event: of a text, a number, an object, a list, or any JSON, which is kept as its text. */
export type LakeType = 'string' | 'int' | 'bigint' | 'json' | LakeObject | readonly [LakeType];
export type LakeObject = { readonly [name: string]: LakeType };

const timed = (name: string) => ({ [name]: 'bigint', [`${name}_dt`]: 'string' }) as const;

/** The columns of Compliance Findings: all members that those of a change can have, by the types of OCSF 1.6. */
export const COMPLIANCE_COLUMNS: LakeObject = {
  ...timed('time'),
  activity_id: 'int',
  activity_name: 'string',
  category_uid: 'int',
  category_name: 'string',
  class_uid: 'int',
  class_name: 'string',
  type_uid: 'bigint',
  type_name: 'string',
  severity_id: 'int',
  severity: 'string',
  status_id: 'int',
  status: 'string',
  status_detail: 'string',
  message: 'string',
  comment: 'string',
  metadata: {
    uid: 'string',
    version: 'string',
    profiles: ['string'],
    product: { name: 'string', vendor_name: 'string', version: 'string' },
    correlation_uid: 'string',
    event_code: 'string',
  },
  cloud: {
    provider: 'string',
    account: { uid: 'string', type_id: 'int', type: 'string' },
    region: 'string',
    cloud_partition: 'string',
  },
  finding_info: {
    uid: 'string',
    title: 'string',
    desc: 'string',
    types: ['string'],
    ...timed('created_time'),
    ...timed('first_seen_time'),
    ...timed('last_seen_time'),
    ...timed('modified_time'),
  },
  compliance: {
    control: 'string',
    desc: 'string',
    status_id: 'int',
    status: 'string',
    status_code: 'string',
    status_details: ['string'],
    requirements: ['string'],
    standards: ['string'],
  },
  resources: [
    {
      uid: 'string',
      name: 'string',
      type: 'string',
      cloud_partition: 'string',
      region: 'string',
      data: 'json',
    },
  ],
  evidences: [{ uid: 'string', name: 'string', data: 'json' }],
  remediation: { desc: 'string', references: ['string'] },
};
