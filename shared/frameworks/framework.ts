import type { ControlId } from '../domain/control-ids.ts';
import type { FrameworkId } from './ids.ts';

/** A part of a requirement for which controls are evidence: what they show together where they pass, as one sentence. */
export type Part = { shows: string; controls: readonly ControlId[] };

/** A requirement of a framework, and the parts of it for which controls are evidence. */
export type Requirement = {
  /** As the framework itself writes it, such as “AC-6” or “Art. 12(1)”. */
  id: string;
  /** In our words, because most texts are their publishers’. */
  title: string;
  parts: readonly Part[];
  /** What the requirement asks for besides, which no control shows. */
  doesNotShow: string;
};

/** What we read to make the mapping of a framework, and when. */
export type Review = { against: 'published text' | 'public summary only'; on: string; how: string };

/** A published framework, and our mapping of controls to its requirements. The mapping is an interpretation. */
export type Framework = {
  /** The name on the command line: `--compliance nist-800-53`. */
  id: FrameworkId;
  /** The name before a requirement’s id, such as “NIST 800-53”. */
  name: string;
  title: string;
  publisher: string;
  edition: string;
  /** Where the publisher has the text. */
  source: string;
  reviewed: Review;
  /** What somebody who uses the mapping has to know of the framework itself. */
  note?: string;
  requirements: readonly Requirement[];
};

/** What stands before each view of a framework. */
export const INTERPRETATION =
  'The mapping is an interpretation by Pipewarden’s authors. It says for which part of a requirement a control is evidence, and what no control shows. It does not say that a requirement is met.';

/** The controls that are evidence for a requirement, each once, in the order of its parts. */
export const controlsOf = ({ parts }: Requirement): ControlId[] => [
  ...new Set(parts.flatMap(({ controls }) => controls)),
];
