import type { Fault } from './fault-proxy.ts';

/** The answer of DescribeStacks: the emulator's CloudFormation would need packages that nothing else needs. */
export const stackAnswer = (outputs: Record<string, string>, description = ''): Fault => {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const body = `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member><StackName>Pipewarden</StackName><Description>${description}</Description><CreationTime>2026-11-20T10:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  return { status: 200, type: 'text/xml', body };
};

/** The answer of DescribeStacks about a stack that does not exist. */
export const NO_STACK: Fault = {
  status: 400,
  type: 'text/xml',
  body: '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id nothing does not exist</Message></Error><RequestId>r</RequestId></ErrorResponse>',
};
