/** The texts after each other: so many of them, and how many more there are. */
export const listed = (texts: readonly string[], most = 6): string =>
  texts.length > most
    ? `${texts.slice(0, most).join(', ')} and ${texts.length - most} more`
    : texts.join(', ');
