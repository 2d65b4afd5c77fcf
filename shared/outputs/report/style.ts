import { GRAPH_STYLE } from '../graph/style.ts';

/** What the page of several accounts has besides. */
export const ACCOUNTS_STYLE = `
.first{font-size:1.5rem;font-weight:600;line-height:1.3;max-width:none}.accounts td.gap{color:var(--unread);font-weight:600;white-space:nowrap}.accounts td.wide{width:24%}.accounts th small{color:var(--quiet);font-weight:400;display:block}
.unit{border:1px solid var(--line);border-radius:6px;padding:.375rem .75rem;margin:.5rem 0}.unit>summary{font-weight:600}
.unjudged{border-left:4px solid var(--unread);background:var(--panel)}.unjudged caption,.unjudged td:first-child,.unjudged th:first-child{padding-left:.75rem}
summary .where{color:var(--quiet)}.members td:last-child,.members th:last-child{width:11rem}.members td:first-child,.members th:first-child{width:9rem}
article>details>span:target{outline:none}
@media (max-width:40rem){.accounts th:nth-child(n+3)[scope=col]{writing-mode:vertical-rl;padding:.375rem 0}.accounts td,.accounts th:nth-child(n+2){padding-right:.375rem}.accounts td.gap{white-space:normal;overflow-wrap:anywhere;min-width:4rem}.unit{padding:.375rem}.members td:first-child,.members th:first-child,.members td:last-child,.members th:last-child{width:auto}}
@media print{.unit::details-content{content-visibility:visible;block-size:auto}}
`;

/**
 * Neighbouring severities differ by a contrast of 3, which alternates between dark and bright ones, and each of them by 4.5 from what is
 * behind it (https://www.w3.org/TR/WCAG22/#non-text-contrast). Without `"`, `&` and `<`: escaping would change the bytes, and the hash in the page’s policy would not match any
 * more.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--panel:#f5f7f9;--fg:#1b1f24;--quiet:#57606a;--line:#d3d9e0;--link:#0a58ca;
--critical:#4b0019;--high:#ca3127;--medium:#301e00;--low:#2b6db9;--informational:#15232c;--grey:#57606a;--unread:#8452c5;--good:#1a7340;--on:#fff;--mark:#fff0b3}
@media screen and (prefers-color-scheme:dark){:root{--bg:#14171b;--panel:#181b20;--fg:#e4e7eb;--quiet:#a3acb7;
--line:#3a424c;--link:#8db8ff;--critical:#ffdde5;--high:#e45045;--medium:#ffe571;--low:#3184e2;--informational:#d7e9ec;--grey:#a3acb7;
--unread:#a362ee;--good:#6ed09a;--on:#14171b;--mark:#54430a}}
.critical{--c:var(--critical)}.high,.failed{--c:var(--high)}.medium,.warning{--c:var(--medium)}.low{--c:var(--low)}
.informational{--c:var(--informational)}.suppressed,.not_applicable{--c:var(--grey)}.not_available,.not-read{--c:var(--unread)}.passed{--c:var(--good)}
*{box-sizing:border-box}[hidden]{display:none!important}
body{margin:0 auto;max-width:76rem;padding:2rem clamp(1rem,4vw,3rem);background:var(--bg);color:var(--fg);
font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;overflow-wrap:anywhere}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:2px solid var(--c,var(--line))}
h3{font-size:1.0625rem;line-height:1.35;margin:0 0 .5rem}
h3 b{font-size:.875rem}h2 small,h3 code,summary small,li small{color:var(--quiet);font-size:.875rem;font-weight:400}
p{margin:0 0 .5rem;max-width:50rem}
.lead{font-size:1.1875rem}
header p,footer,dt,caption,th,.key{color:var(--quiet)}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.75rem;font-size:.875rem}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,pre,td bdi,summary bdi,dd bdi{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
.bars bdi,nav bdi,.requirements bdi{font:inherit}
.requirements th:first-child{width:22%}.requirements th:nth-child(2){width:6.5rem}.requirements thead th:nth-child(3){width:45%}
dl{margin:0}dd{margin:0}
mark{background:var(--mark);color:inherit;border-radius:2px}
.bar{display:block;border-radius:4px}.bar rect{fill:var(--c);stroke:var(--bg)}.bar .track{fill:var(--line);stroke:none}
.counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:.75rem 0 1.5rem}
.overview{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0 0 1.5rem}.overview bdi{font:inherit}
.counts div{display:flex;flex-direction:column-reverse;border-left:4px solid var(--c);padding:.125rem .75rem;background:var(--panel)}
.counts dd{font-size:1.625rem;line-height:1.25;font-weight:600}
table{width:100%;border-collapse:collapse;font-size:.9375rem;table-layout:fixed;margin:0 0 1rem}
caption{text-align:left;font-size:.875rem;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.375rem .75rem .375rem 0;border-top:1px solid var(--line)}
th{font-weight:600;font-size:.875rem}thead th{vertical-align:bottom}td bdi{white-space:pre-wrap}
.bars{table-layout:auto}.bars td,.bars th:nth-child(n+2){overflow-wrap:normal;vertical-align:middle;width:1%;padding-right:1.25rem}.bars th[scope=col]{vertical-align:bottom}
.bars td.wide{width:34%}nav .bars td:last-child{width:22%}.bars th[scope=row]{color:var(--fg);font-weight:400}.bars thead td{border-top:1px solid var(--line)}
figure{margin:0 0 1rem}.trend{display:block;width:100%;max-width:60rem;font-size:12px}.trend text{fill:var(--quiet)}
.trend .end{text-anchor:end}.trend .grid{stroke:var(--line)}.trend .layer{fill:var(--c)}.trend .inside{fill:var(--on);text-anchor:end}.trend circle{fill:var(--fg)}
.key span{margin-right:1rem}.key span::before{content:'';display:inline-block;width:.75em;height:.75em;margin-right:.375rem;background:var(--c);border-radius:2px}
ul{margin:.25rem 0 .75rem;padding-left:1.25rem}.list{margin:.25rem 0}.list>summary{font-weight:600}
.label{display:inline-block;background:var(--c);color:var(--on);border-radius:3px;padding:0 .375rem;font-size:.8125rem;font-weight:600}
b[class]:not(.label){color:var(--c)}
summary i{margin-left:.5rem;border:1px solid var(--link);color:var(--link);border-radius:3px;padding:0 .25rem;font:600 .75rem/1.3 inherit;font-style:normal}
article{margin:0 0 1.5rem;padding-left:1rem;border-left:4px solid var(--c)}
article>details{margin:.5rem 0;border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem}
article>details[open]{background:var(--panel)}
article>details>div:empty::after{content:'The details of this finding are packed: a browser with scripts shows them, and the results as JSON hold them.';color:var(--quiet)}
summary{cursor:pointer}
td summary bdi{word-break:break-all}
pre{margin:.25rem 0 .75rem;padding:.625rem .75rem;background:var(--bg);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;unicode-bidi:isolate}
article details>div{scroll-margin-top:6rem}
:target{outline:2px solid var(--link);outline-offset:.5rem}
.remedy{margin-top:.75rem}
article dl{display:grid;grid-template-columns:max-content 1fr;gap:.125rem 1rem;margin-top:.75rem;font-size:.875rem}
.scroll{overflow:auto;border:1px solid var(--line);border-radius:6px;margin:.5rem 0 1rem}.scroll svg{display:block}
form{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.375rem 1.25rem;align-items:center;margin:2rem 0 0;padding:.75rem 0;background:var(--bg);border-bottom:1px solid var(--line);font-size:.9375rem}
form p{margin:0;margin-left:auto}fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem .75rem}legend{float:left;margin-right:.75rem;padding:0}
input,select,button{font:inherit;color:var(--fg);background:var(--bg);border:1px solid var(--quiet);border-radius:4px;padding:.125rem .5rem}
select{max-width:14rem}button{cursor:pointer;background:var(--panel)}
.copy{float:right;margin:.375rem .375rem 0 0;font-size:.8125rem}.more{margin:.25rem 0 .5rem}.later{display:none}
@media (max-width:40rem){article dl,.overview{grid-template-columns:1fr}article dl dd{margin-bottom:.375rem}form{position:static}.bars .wide{display:none}.bars th[scope=row]{min-width:7rem}.bars td,.bars th:nth-child(n+2){padding-right:.625rem}section>.bars:not(.causes) th:nth-child(n+3)[scope=col]{writing-mode:vertical-rl;padding:.375rem 0}.trend{font-size:20px}}
@media (max-width:40rem){.evidence thead{display:none}.evidence tr{display:block;border-top:1px solid var(--line);padding:.25rem 0}.evidence td{display:block;border:0;padding:.125rem 0}.evidence td::before{content:attr(data-is);display:block;color:var(--quiet);font-size:.8125rem}}
@media print{html{font-size:10pt}body{max-width:none;padding:0}form,.copy,.more{display:none}.later{display:block}
details::details-content{content-visibility:visible;block-size:auto}
.scroll{overflow:visible}.scroll svg{max-width:100%;height:auto}
tr,summary,h2,h3,pre{break-inside:avoid}h2,h3,summary{break-after:avoid}a{color:inherit}
.label,rect,.layer,.counts div,article,mark{print-color-adjust:exact}}
${GRAPH_STYLE}`;
