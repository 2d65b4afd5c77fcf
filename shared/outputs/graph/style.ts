/** The colours of a picture in a file of its own. A page with pictures has these colours already. */
export const GRAPH_COLOURS = `
:root{--bg:#fff;--panel:#f5f7f9;--fg:#1b1f24;--quiet:#57606a;--line:#d3d9e0;
--critical:#86102f;--high:#bc2a20;--medium:#8a5300;--low:#1f5fa8;--grey:#57606a;--unread:#6a3fa6}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--panel:#1d2127;--fg:#e4e7eb;--quiet:#a3acb7;--line:#3a424c;
--critical:#ff8ba7;--high:#ff8f82;--medium:#f2b155;--low:#85b9f5;--grey:#a3acb7;--unread:#c8a9f7}}
.critical{--c:var(--critical)}.high{--c:var(--high)}.medium{--c:var(--medium)}.low{--c:var(--low)}
.informational{--c:var(--grey)}.not_available{--c:var(--unread)}
.graph .paper{fill:var(--bg);stroke:none}
`;

/** Without `"`, `&` and `<`, so that escaping does not change it. */
export const GRAPH_STYLE = `
.graph{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}
.graph text{fill:var(--fg)}.graph .title{font-size:16px;font-weight:600}
.graph .name{font-size:13px;font-weight:600}.graph .quiet{fill:var(--quiet);font-size:11px}
.graph .line{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}
.graph .node{fill:var(--panel);stroke:var(--line)}.graph .hit{stroke:var(--c);stroke-width:2}
.graph .lane{fill:var(--bg);stroke:var(--line);stroke-dasharray:4 3}
.graph .link{fill:none;stroke:var(--quiet);stroke-width:1.25}.graph .order{stroke-dasharray:5 4}
.graph .tip{fill:var(--quiet)}.graph .found{fill:var(--c);font-weight:600}.graph a .found{text-decoration:underline}
`;
