const HIDDEN = '[secret]';

/**
 * Secrets that give access to whoever reads them: Slack’s webhooks and tokens, and signatures and credentials in AWS
 * links.
 * https://docs.slack.dev/authentication/tokens,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
const SECRETS: readonly [pattern: RegExp, shown: string][] = [
  [/(https:\/\/hooks\.slack(?:-gov)?\.com\/)[^\s"'<>]+/gi, `$1${HIDDEN}`],
  [/\bxox[a-z](?:\.xox[a-z])?-[\w-]+/gi, HIDDEN],
  [/\bxapp-[\w-]+/gi, HIDDEN],
  [/\b(X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s"'<>]+/gi, `$1${HIDDEN}`],
];

/**
 * `JSON.stringify` leaves these characters as they are, although a terminal obeys some and a reader cannot see others.
 */
const INVISIBLE = /[\u0080-\u009f\u2028\u2029\p{Cf}]/gu;

/** A text for a log line: secrets are hidden and invisible characters are shown as escapes. */
export const logText = (text: string): string =>
  SECRETS.reduce((shown, [pattern, instead]) => shown.replace(pattern, instead), text).replace(
    INVISIBLE,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
