/** The noun with its article: `a training-job`, `an automl-job`, `an EMR step`, `an scp policy`. */
export const withArticle = (noun: string): string =>
  `${/^(?:[aeio]|[rs]cp\b)/i.test(noun) ? 'an' : 'a'} ${noun}`;
