/** Joins texts with commas. If there are more than `most`, it says how many are left out. */
export const listed = (texts: readonly string[], most = 6): string =>
  texts.length > most
    ? `${texts.slice(0, most).join(', ')} and ${texts.length - most} more`
    : texts.join(', ');
