/** A query that Athena keeps for people, over the tables of the history. `?` is asked for when it is run. */
export type SavedQuery = { name: string; description: string; query: string };

/** Records can come twice, as a message that comes again is written again. */
const DISTINCT_CHANGES = `told AS (
  SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY record_id ORDER BY observed_at) AS nth FROM changes) WHERE nth = 1
)`;

export const SAVED_QUERIES: readonly SavedQuery[] = [
  {
    name: 'Open CRITICAL and HIGH findings at the end of a day',
    description:
      'Asks for the day, such as 2026-11-30, in single quotes. A finding that opened before the history began is not in it.',
    query: `WITH ${DISTINCT_CHANGES}, newest AS (
  SELECT *, row_number() OVER (PARTITION BY finding_id ORDER BY observed_at DESC) AS age FROM told WHERE day <= ?
)
SELECT severity, control, resource_arn, subject, account, region, status, first_observed_at, suppression_expires
FROM newest
WHERE age = 1 AND ended_how IS NULL AND severity IN ('CRITICAL', 'HIGH')
ORDER BY severity, first_observed_at`,
  },
  {
    name: 'Time from opening to mending, by control',
    description:
      'Of the findings that were mended since a day (2026-11-01, in single quotes), in hours. What ended in any other way is counted beside.',
    query: `WITH ${DISTINCT_CHANGES}
SELECT control, severity,
  count_if(ended_how = 'mended') AS mended,
  count_if(ended_how <> 'mended') AS ended_otherwise,
  round(avg(CASE WHEN ended_how = 'mended' THEN date_diff('second', first_observed_at, observed_at) END) / 3600.0, 1) AS mean_hours,
  round(approx_percentile(CASE WHEN ended_how = 'mended' THEN date_diff('second', first_observed_at, observed_at) END, 0.9) / 3600.0, 1) AS p90_hours
FROM told
WHERE ended_how IS NOT NULL AND day >= ?
GROUP BY control, severity
ORDER BY mean_hours DESC`,
  },
  {
    name: 'Who opened the most findings',
    description:
      'By the caller of the event that led to the look, since a day (2026-11-01, in single quotes). A sweep names nobody.',
    query: `WITH ${DISTINCT_CHANGES}
SELECT coalesce(principal, 'not told') AS principal, count(*) AS opened,
  count_if(severity = 'CRITICAL') AS critical, count_if(severity = 'HIGH') AS high,
  array_join(array_agg(DISTINCT control), ', ') AS controls
FROM told
WHERE change = 'opened' AND day >= ?
GROUP BY 1
ORDER BY opened DESC
LIMIT 100`,
  },
  {
    name: 'Resources that were looked at, by day',
    description:
      'The population of each day since one (2026-11-01, in single quotes), by account and type, and how many verdicts said what.',
    query: `SELECT day, account, resource_type,
  count(DISTINCT resource_arn) AS resources,
  count(DISTINCT record_id) AS looks,
  count(DISTINCT CASE WHEN status = 'PASSED' THEN finding_id END) AS passed,
  count(DISTINCT CASE WHEN status IN ('FAILED', 'WARNING') THEN finding_id END) AS failed,
  count(DISTINCT CASE WHEN status = 'NOT_AVAILABLE' OR row_kind = 'not-judged' THEN control || resource_arn END) AS not_judged
FROM verdicts
WHERE NOT gone AND day >= ?
GROUP BY day, account, resource_type
ORDER BY day, account, resource_type`,
  },
  {
    name: 'Resources that nobody has looked at lately',
    description:
      'Asks for a number of days: pipelines, roles, users and buckets that are not gone, and whose newest look is older.',
    query: `WITH newest AS (
  SELECT account, resource_type, resource_arn, max(observed_at) AS last_look, max_by(gone, observed_at) AS is_gone
  FROM verdicts
  WHERE resource_type IN ('pipeline', 'role', 'user', 'bucket')
  GROUP BY account, resource_type, resource_arn
)
SELECT * FROM newest
WHERE NOT is_gone AND last_look < date_add('day', -1 * CAST(? AS integer), current_timestamp)
ORDER BY last_look`,
  },
];
