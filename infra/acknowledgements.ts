import type { Stack } from 'aws-cdk-lib';
export const acknowledgements = (_stack: Stack): void => {};
