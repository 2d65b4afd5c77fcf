/** A button for each text that is there to be copied. */
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

/** Where the clipboard is refused, as it is to pages that came without TLS, the text is selected for the reader's own keys. */
const copy = async (element: Element): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(element.textContent ?? '');
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
};
