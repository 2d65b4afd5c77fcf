/** Who stands for an exception, and who has approved it, when (YYYY-MM-DD) and in which ticket. */
export const APPROVAL_FIELDS = ['owner', 'approvedBy', 'ticket', 'approvedOn'] as const;
export type Approval = { [Field in (typeof APPROVAL_FIELDS)[number]]?: string };

/** The same as a configuration has it. */
type Given = { [Field in keyof Approval]?: string | undefined };

/** Of an exception, who stands for it and has approved it. */
export const approvalOf = (exception: Given): Approval =>
  Object.fromEntries(
    APPROVAL_FIELDS.flatMap((field) => {
      const told = exception[field];
      return told === undefined ? [] : [[field, told]];
    }),
  );

/** The same in words, for the end of a sentence: ` (owner ml-platform, approved by Ana on 2026-11-02, PLAT-4711)`; empty where nothing is told. */
export const approvalText = ({ owner, approvedBy, ticket, approvedOn }: Given): string => {
  const day = approvedOn === undefined ? '' : ` on ${approvedOn}`;
  const told = [
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(approvedBy === undefined && approvedOn === undefined
      ? []
      : [`approved${approvedBy === undefined ? '' : ` by ${approvedBy}`}${day}`]),
    ...(ticket === undefined ? [] : [ticket]),
  ];
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
};
