const SIGNERS = ['Prepared by', 'Reviewed by', 'Accepted by'] as const;

/** Lines for those who sign the printed page. */
export const Signing = () => (
  <>
    <p>Who signs has read the gaps and the exceptions.</p>
    <div class="sign">
      {SIGNERS.map((who) => (
        <section key={who} aria-label={who}>
          <h3>{who}</h3>
          <dl>
            {['Name and role', 'Date', 'Signature'].map((line) => (
              <>
                <dt>{line}</dt>
                <dd />
              </>
            ))}
          </dl>
        </section>
      ))}
    </div>
  </>
);
