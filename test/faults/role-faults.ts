import { hubSuffix, type MemberRole, memberRoleArn } from '../../shared/domain/member-roles.ts';
import { HOME } from '../support/builders/events.ts';
import type { Call, Fault } from '../support/emulators/fault-proxy.ts';
import { DENIED, faultFor } from './aws-faults.ts';

/** A role of a member that cannot be assumed at first: this many calls are refused, or come too soon. */
export type RoleFault = {
  account: string;
  role: MemberRole;
  kind: 'denied' | 'throttled';
  calls: number;
};

export type RoleFaults = {
  /** The fault of a call to assume a role; undefined once the role can be assumed. */
  faultOf(call: Call): Fault | undefined;
  /** How many calls had a fault. */
  counts: Record<RoleFault['kind'], number>;
};

/** All processes share the faults, as they share the roles. */
export const roleFaults = (faults: readonly RoleFault[]): RoleFaults => {
  const left = faults.map((fault) => ({ ...fault }));
  const counts = { denied: 0, throttled: 0 };
  return {
    counts,
    faultOf: (call) => {
      if (call.service !== 'sts' || call.operation !== 'AssumeRole') return undefined;
      const arn = new URLSearchParams(call.body).get('RoleArn') ?? '';
      const fault = left.find(
        ({ account, role, calls }) =>
          calls > 0 && arn === memberRoleArn(role, { partition: 'aws', account }, hubSuffix(HOME)),
      );
      if (!fault) return undefined;
      fault.calls--;
      counts[fault.kind]++;
      return fault.kind === 'denied' ? DENIED : faultFor(call, 'throttled');
    },
  };
};
