import type { Options } from './options'

/** The launcher's own style sheet: constructed, so a page's strict `style-src` does not mind it. */
export function styleSheet({ side, theme }: Options, brand: string, on: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`
:host{all:initial;color-scheme:${theme ?? 'light dark'};--surface:light-dark(#fff,#15171b);--text:light-dark(#1a1e26,#ebedf0);--meta:light-dark(#494f58,#b1b6be);font:400 15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
*{box-sizing:border-box}
button{font:inherit;border:0;margin:0;cursor:pointer;text-align:start}
:focus-visible{outline:3px solid ${brand};outline-offset:2px;box-shadow:0 0 0 2px var(--surface)}
.dock{position:fixed;z-index:2147483000;bottom:calc(20px + env(safe-area-inset-bottom));${side}:calc(20px + env(safe-area-inset-${side}));display:grid;gap:12px;justify-items:${side === 'left' ? 'start' : 'end'};pointer-events:none}
.dock>*{pointer-events:auto}
.launch{position:relative;display:grid;place-items:center;width:60px;height:60px;padding:0;border-radius:50%;background:${brand};color:${on};box-shadow:0 2px 6px #0003,0 10px 28px #0003;transition:transform .2s cubic-bezier(.2,.8,.2,1)}
.launch:hover{transform:scale(1.05)}
.badge{position:absolute;top:-3px;inset-inline-end:-3px;min-width:22px;padding:0 6px;border-radius:11px;background:#c81e1e;color:#fff;font:650 12px/22px system-ui,sans-serif;text-align:center;box-shadow:0 0 0 2px var(--surface)}
.teaser{position:relative;width:max-content;max-width:min(280px,calc(100vw - 40px));animation:rise .2s cubic-bezier(.2,.8,.2,1)}
.say{display:block;width:100%;padding:13px 40px 13px 16px;border-radius:16px;border-end-${side === 'left' ? 'start' : 'end'}-radius:5px;background:var(--surface);color:var(--text);box-shadow:0 0 0 1px light-dark(#0000,#ffffff1f),0 2px 6px #0002,0 12px 32px #0003}
.say small{display:block;margin-bottom:2px;font-size:13px;color:var(--meta)}
.hush{position:absolute;top:6px;inset-inline-end:6px;display:grid;place-items:center;width:28px;height:28px;padding:0;border-radius:8px;background:none;color:var(--meta)}
.hush:hover{background:light-dark(#eff1f4,#25292f)}
.panel{position:fixed;z-index:2147483000;bottom:calc(92px + env(safe-area-inset-bottom));${side}:calc(20px + env(safe-area-inset-${side}));width:400px;height:min(704px,calc(100dvh - 112px));border:0;border-radius:16px;background:var(--surface);box-shadow:0 0 0 1px light-dark(#0000000f,#ffffff1f),0 4px 12px #0002,0 20px 56px #0004;transform-origin:bottom ${side};transition:opacity .2s,transform .2s cubic-bezier(.2,.8,.2,1),visibility .2s}
.panel:not(.open){opacity:0;visibility:hidden;transform:translateY(12px) scale(.98)}
[hidden]{display:none!important}
@keyframes rise{from{opacity:0;transform:translateY(4px)}}
@media (max-width:520px){.panel{inset:0;width:100%;height:100dvh;padding:env(safe-area-inset-top) 0 env(safe-area-inset-bottom);border-radius:0;background:linear-gradient(${brand} 50%,var(--surface) 50%)}.panel.open~.dock{display:none}}
@media (prefers-reduced-motion:reduce){*{transition:none!important;animation:none!important}}
@media print{:host{display:none}}`)
  return sheet
}
