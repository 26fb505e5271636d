#include "io/report/page.hpp"

namespace sociometer {

// Contrast of text against its ground is at least 4.5 : 1 in each scheme (WCAG 2.1, 1.4.3). Series
// are colours of Okabe and Ito, which those who see no red or no green tell apart.
const char* page_style() {
  return R"css(
 :root{--ground:#fff;--raised:#f5f6f8;--ink:#1b1f24;--quiet:#59616b;--rule:#d4d9df;--link:#0b5cad;
--good:#176639;--good-ground:#e2f3e8;--look:#7a4b00;--look-ground:#fdf0d5;--bad:#a0141e;--bad-ground:#fbe4e4;
--s1:#0072b2;--s2:#b85400;--s3:#00795a;--s4:#a3437b;--s5:#8a6d00;--s6:#2f7ea8;--focus:#0b5cad}
 @media (prefers-color-scheme:dark){:root{--ground:#14171b;--raised:#1e2328;--ink:#e8eaed;--quiet:#a5adb8;--rule:#3a424b;
--link:#7db7f5;--good:#7fdba2;--good-ground:#17331f;--look:#f3c46b;--look-ground:#3a2c0e;--bad:#ff9a94;--bad-ground:#431b1c;
--s1:#56b4e9;--s2:#f28e3c;--s3:#2fc79b;--s4:#dd8fbd;--s5:#e3c62f;--s6:#9bd0f0;--focus:#9bd0f0}}
 *{box-sizing:border-box}
 html{scroll-behavior:smooth}
 @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
 body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
"Liberation Sans",sans-serif}
 header,footer,body>.columns{max-width:80rem;margin:0 auto;padding:0 1.25rem}
 header{padding-top:1.5rem}
 h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem;overflow-wrap:anywhere}
 h2{font-size:1.35rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--rule)}
 h3{font-size:1.1rem;margin:1.75rem 0 .5rem}
 h4{font-size:1rem;margin:1.25rem 0 .4rem}
 h1,h2,h3,h4,td,th,dd,code,figcaption{unicode-bidi:isolate}
 h2,h3,h4,p,dd,li,td,figcaption{overflow-wrap:anywhere}
 p{margin:.5rem 0;max-width:48rem}
 ul,ol{max-width:48rem}
 a{color:var(--link)}
 code{font:.9em ui-monospace,"Cascadia Mono","DejaVu Sans Mono",Menlo,monospace;background:var(--raised);padding:.05em .3em;
 border-radius:3px;overflow-wrap:anywhere}
 pre{background:var(--raised);padding:.75rem;border-radius:6px;overflow:auto;max-width:100%}
 pre code{background:none;padding:0}
 :focus-visible{outline:3px solid var(--focus);outline-offset:2px}
 .skip{position:absolute;left:-999rem}
 .skip:focus{left:1rem;top:1rem;background:var(--ground);padding:.5rem;z-index:9}
 .subtitle,.quiet{color:var(--quiet)}
 .subtitle{margin-top:0;overflow-wrap:anywhere}
 nav ol{margin:.75rem 0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1rem}
 nav a{display:block;padding:.25rem 0;text-decoration:none}
 nav a:hover{text-decoration:underline}
 @media (min-width:70rem){body>.columns{display:grid;grid-template-columns:12rem minmax(0,1fr);gap:2rem}
 nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow:auto;padding-top:2.5rem}nav ol{flex-direction:column}}
 section:first-child h2{border-top:0}
 .facts{margin:.5rem 0;max-width:60rem}
 .facts>div{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:1rem;padding:.3rem 0;border-bottom:1px solid var(--rule)}
 dt{color:var(--quiet)}
 .facts dd{margin:0}
 .glance{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:1rem;margin:1rem 0}
 .glance>div{background:var(--raised);border:1px solid var(--rule);border-radius:8px;padding:.75rem 1rem}
 .glance>.wide{grid-column:1/-1}
 .glance h3{margin:0 0 .25rem;font-size:1rem}
 .glance p{margin:.25rem 0;font-size:.95rem}
 .glance ul{margin:.25rem 0;padding-left:1.1rem;font-size:.95rem}
 .mark{display:inline-block;padding:.05rem .5rem;border-radius:1rem;font-size:.85rem;font-weight:600;background:var(--raised);
 border:1px solid currentColor;white-space:nowrap}
 .mark-good{color:var(--good);background:var(--good-ground)}
 .mark-look{color:var(--look);background:var(--look-ground)}
 .mark-bad{color:var(--bad);background:var(--bad-ground)}
 .missing{color:var(--quiet);border-left:3px solid var(--rule);padding-left:.75rem}
 details{margin:.5rem 0}
 summary{cursor:pointer;color:var(--link);padding:.2rem 0}
 .table{margin:1rem 0}
 .scroll{overflow:auto;max-height:32rem;border:1px solid var(--rule);border-radius:6px;max-width:100%;width:fit-content}
 table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
 caption{text-align:left;padding:.5rem .6rem;color:var(--quiet);caption-side:top}
 th,td{padding:.3rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
 td{max-width:28rem}
 thead th{position:sticky;top:0;background:var(--raised);font-weight:600;white-space:nowrap}
 .number{text-align:right;white-space:nowrap}
 th button{all:unset;cursor:pointer;font-weight:600;padding-right:1.1em;position:relative}
 th button:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
 th button::after{content:"\2195";position:absolute;right:0;color:var(--quiet)}
 th[aria-sort=ascending] button::after{content:"\2191";color:var(--ink)}
 th[aria-sort=descending] button::after{content:"\2193";color:var(--ink)}
 .tools{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center;margin:.25rem 0;font-size:.9rem}
 .tools input,.tools button,button.peak{font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--quiet);
 border-radius:4px;padding:.2rem .5rem}
 .tools button,button.peak{cursor:pointer}
 button.peak{padding:0 .35rem;white-space:nowrap}
 dl dd{margin:0 0 .4rem 1rem}
 figure{margin:1rem 0;max-width:100%}
 figcaption{color:var(--quiet);font-size:.9rem;max-width:48rem}
 .picture{overflow:auto;max-width:100%}
 .picture svg,.picture img{max-width:100%;height:auto}
 .drawing{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;min-width:20rem}
 .drawing text{fill:var(--ink);unicode-bidi:isolate}
 .drawing .faint{fill:var(--quiet)}
 .drawing text.bad{fill:var(--bad)}.drawing text.on-light{fill:#1b1f24}.drawing text.on-dark{fill:#fff}
 .drawing .line{stroke:var(--rule);stroke-width:1}
 .drawing .axis{stroke:var(--quiet);stroke-width:1;fill:none}
 .drawing .limit{stroke:var(--bad);stroke-width:1;stroke-dasharray:4 3}
 .drawing .frame{fill:none;stroke:var(--quiet)}
 .drawing .band{fill:var(--look-ground)}
 .drawing .trace{fill:none;stroke-width:1.3;stroke-linejoin:round}
 .drawing .pixels{image-rendering:pixelated}
)css"
         R"css(
 .drawing .trace.series-1{stroke:var(--s1)}.drawing .trace.series-2{stroke:var(--s2)}.drawing .trace.series-3{stroke:var(--s3)}
 .drawing .trace.series-4{stroke:var(--s4)}.drawing .trace.series-5{stroke:var(--s5)}.drawing .trace.series-6{stroke:var(--s6)}
 .drawing .series-1{fill:var(--s1)}.drawing .series-2{fill:var(--s2)}.drawing .series-3{fill:var(--s3)}
 .drawing .series-4{fill:var(--s4)}.drawing .series-5{fill:var(--s5)}.drawing .series-6{fill:var(--s6)}
 .drawing .trace{fill:none}
 .drawing rect.bad,.drawing circle.bad{fill:var(--bad)}
 footer{color:var(--quiet);font-size:.9rem;padding-bottom:2rem;margin-top:2rem}
 @media print{:root{--ground:#fff;--raised:#f3f3f3;--ink:#000;--quiet:#444;--rule:#bbb;--link:#000;--good:#176639;
--good-ground:#fff;--look:#7a4b00;--look-ground:#fff;--bad:#a0141e;--bad-ground:#fff;--s1:#0072b2;--s2:#b85400;--s3:#00795a;
--s4:#a3437b;--s5:#8a6d00;--s6:#2f7ea8}
 html,body{background:#fff;print-color-adjust:exact;-webkit-print-color-adjust:exact}
 body{font-size:10pt}nav,.skip,.tools,#viewer{display:none!important}
 header,footer,body>.columns{max-width:none;padding:0}body>.columns{display:block}p,ul,ol,figcaption{max-width:none}
 details::details-content{content-visibility:visible;block-size:auto;opacity:1}summary{list-style:none;color:inherit}
 section{break-before:auto}figure,tr,.glance>div,.facts>div{break-inside:avoid}h2,h3,h4,summary,caption{break-after:avoid}
 .table,.scroll,.picture,pre{overflow:visible;max-height:none;max-width:100%}.scroll{border:0;width:auto}
 pre,pre code{white-space:pre-wrap}
 table{width:100%;font-size:8pt}.table:has(th:nth-child(9)) table{font-size:6.5pt}
 .table:has(th:nth-child(14)) table{font-size:5pt}thead th{position:static}
 th,td,thead th{white-space:normal;overflow-wrap:anywhere;max-width:none;padding:.15rem .25rem}td.number{white-space:nowrap}
 .table:has(button.peak) :is(th,td):last-child{display:none}
 .table:has(th:nth-child(14)) :is(th,td){padding:.1rem}
 .picture svg,.picture img{max-height:24cm;width:auto}.drawing{min-width:0}
 a[href^=http]::after{content:" (" attr(href) ")";font-size:.85em;overflow-wrap:anywhere}
 button.peak{border:0;padding:0;white-space:normal}th button{padding:0}th button::after{content:""!important}}
)css";
}

}  // namespace sociometer
