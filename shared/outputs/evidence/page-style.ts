/**
 * What a pack’s page has beside the report’s style. Without `"`, `&` and `<`, as there. Chromium 131 and later print the boxes of `@page`,
 * which other browsers leave out.
 */
export const PACK_STYLE = `
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:1rem 0}.facts dd{overflow-wrap:anywhere}
.notice{border-left:4px solid var(--c);background:var(--panel);padding:.75rem 1rem;margin:1rem 0}.notice p:last-child,.notice ul:last-child{margin-bottom:0}
.clear{--c:var(--good)}.holes{--c:var(--unread)}
nav ol{columns:2;column-gap:2rem;margin:.5rem 0;padding-left:1.5rem}nav h2{margin-top:1.5rem}
.wide{overflow-x:auto;margin:0 0 1rem}.wide table{margin:0}
.tally{table-layout:auto}.tally td{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding:.375rem}.tally th[scope=col]:nth-child(n+2){writing-mode:vertical-rl;transform:rotate(180deg);padding:.375rem 0;text-align:left;white-space:nowrap;min-width:1.75rem}.tally tr:nth-child(2) th{border-top:0}
.tally th[scope=colgroup]{text-align:center;padding:.375rem}.tally .apart{border-left:1px solid var(--line)}
th[scope=row]{font-weight:400;color:var(--fg)}.tally th[scope=row]{width:99%;min-width:15rem}th small,td small,li small{display:block;color:var(--quiet);font-size:.8125rem;font-weight:400}
.rows th bdi{font:.875em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre-wrap}.facts bdi{font:inherit}
.zero{color:var(--quiet)}.rows .time{width:11rem}.rows .what{width:10rem}.rows .short{width:6rem}
.sign{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1.5rem 2rem;margin:1rem 0;break-inside:avoid}
.sign section{break-inside:avoid}.sign h3{margin:0 0 .5rem}.sign dl{margin:0;font-size:.875rem}.sign dd{border-bottom:1px solid var(--fg);height:2.25rem;margin:0 0 .25rem}
@media (max-width:40rem){nav ol{columns:1}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}.rows thead{display:none}.rows caption{display:block}.rows,.rows tbody,.rows tr,.rows td,.rows th[scope=row]{display:block;width:auto}.rows tr{border-top:1px solid var(--line);padding:.375rem 0}.rows td,.rows th{border:0;padding:.0625rem 0}.tally th[scope=row]{min-width:11rem}}
@page{size:A4;margin:18mm 16mm 20mm;@bottom-left{content:'Pipewarden evidence pack';font:8pt system-ui,sans-serif;color:#57606a}@bottom-right{content:'Page ' counter(page) ' of ' counter(pages);font:8pt system-ui,sans-serif;color:#57606a}}
@media print{body{font-size:9pt}h1{font-size:18pt}h2{font-size:12pt;margin-top:1.5rem}table,th small,td small,li small{font-size:8pt}thead{display:table-header-group}th{font-size:8pt}.wide{overflow:visible}.tally th[scope=row]{min-width:0}.notice{print-color-adjust:exact}.facts{font-size:9pt}th,td{padding:.2rem .4rem .2rem 0}
.tally td{padding:.2rem}nav a{text-decoration:none}.rows .time{width:8rem}.sign dd{height:9mm}}
`;
