/** Adds a button to each text that people want to copy. */
export const offerCopies = (within: ParentNode): void => {
  for (const text of within.querySelectorAll('pre.patch')) {
    if (text.previousElementSibling?.className === 'copy') continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', () => {
      void copy(text).then((isCopied) => {
        button.textContent = isCopied ? 'Copied' : 'Select it and copy';
      });
    });
    text.before(button);
  }
};

/** Browsers refuse the clipboard to pages without TLS. The text is then selected, so that the reader can copy it. */
const copy = async (element: Element): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(element.textContent ?? '');
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
};
