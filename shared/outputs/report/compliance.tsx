import { Fragment } from 'preact';
import {
  COMPLIANCE_STATUSES,
  type Compliance,
  type ComplianceStatus,
} from '../formats/compliance-outcome.ts';
import { COMPLIANCE_WORDS, complianceText, outcomeText } from '../formats/compliance-views.ts';
import { Text } from './text.tsx';

const CLASS_OF: Readonly<Record<ComplianceStatus, string>> = {
  failed: 'failed',
  warning: 'warning',
  unread: 'not_available',
  accepted: 'suppressed',
  'not-judged': 'not_available',
  passed: 'passed',
};

/** The framework view: the requirements, the worst first, with what their controls found. */
export const ComplianceSection = ({ compliance }: { compliance: Compliance }) => {
  const { framework, interpretation, controls, requirements } = compliance;
  const outcomes = new Map(controls.map((outcome) => [outcome.control, outcome]));
  const rank = ({ status }: { status: ComplianceStatus }) => COMPLIANCE_STATUSES.indexOf(status);
  const sorted = requirements.toSorted((one, other) => rank(one) - rank(other));
  return (
    <section aria-labelledby="compliance">
      <h2 id="compliance">
        <Text>{framework.name}</Text>
      </h2>
      <p class="lead">{complianceText(compliance)}</p>
      <p>
        <Text>{interpretation}</Text>
      </p>
      <p>
        <Text>{`${framework.title}, ${framework.edition} (${framework.source}). Reviewed against: ${framework.reviewed}.`}</Text>
      </p>
      <table class="requirements">
        <thead>
          <tr>
            <th scope="col">Requirement</th>
            <th scope="col">Status</th>
            <th scope="col">What controls show where they pass</th>
            <th scope="col">What no control shows</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ id, title, status, parts, doesNotShow }) => (
            <tr key={id}>
              <th scope="row">
                <Text>{`${id} ${title}`}</Text>
              </th>
              <td>
                <b class={CLASS_OF[status]}>{COMPLIANCE_WORDS[status]}</b>
              </td>
              <td>
                {parts.map(({ shows, controls: of }) => (
                  <Fragment key={shows}>
                    <Text>{shows}</Text>
                    <ul>
                      {of
                        .flatMap((control) => outcomes.get(control) ?? [])
                        .map((outcome) => (
                          <li key={outcome.control}>
                            <Text>{`${outcome.control}: ${outcomeText(outcome)}`}</Text>
                          </li>
                        ))}
                    </ul>
                  </Fragment>
                ))}
              </td>
              <td>
                <Text>{doesNotShow}</Text>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
