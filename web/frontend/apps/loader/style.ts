import type { Options } from './options'

/** The launcher's own style sheet: constructed, so a page's strict `style-src` does not mind it. */
export function styleSheet({ side, theme }: Options, brand: string, on: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`
:host{all:initial;color-scheme:${theme ?? 'light dark'};--lift:0 0 0 1px #8883,0 2px 6px #0002,0 12px 36px #0003;--safe:env(safe-area-inset-bottom);--move:.2s cubic-bezier(.2,.8,.2,1);font:15px/1.45 system-ui,sans-serif}
*{box-sizing:border-box}
button{margin:0;padding:0;border:0;background:none;color:CanvasText;font:inherit;cursor:pointer}
svg{width:26px;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
:focus-visible{outline:3px solid ${brand};outline-offset:2px;box-shadow:0 0 0 2px Canvas}
.dock{display:grid;gap:12px;justify-items:${side === 'left' ? 'start' : 'end'}}
.launch,.hush{display:grid;place-items:center}
.launch{position:relative;width:60px;height:60px;border-radius:50%;background:${brand};color:${on};box-shadow:var(--lift)}
.badge{position:absolute;top:-3px;right:-3px;min-width:22px;padding:0 6px;border-radius:11px;background:#c81e1e;color:#fff;font:650 12px/22px system-ui;box-shadow:0 0 0 2px Canvas}
.teaser{position:relative;animation:rise var(--move)}
.say{max-width:280px;padding:13px 40px 13px 16px;border-radius:16px;background:Canvas;text-align:start;box-shadow:var(--lift)}
small{display:block;font-size:13px}
.hush{position:absolute;top:6px;right:6px;width:28px;height:28px;font-size:18px}
.dock,.panel{position:fixed;z-index:2147483000;bottom:calc(20px + var(--safe));${side}:20px}
.panel{bottom:calc(92px + var(--safe));width:400px;height:min(704px,100dvh - 112px);border:0;border-radius:16px;background:Canvas;box-shadow:var(--lift);transition:all var(--move)}
.panel:not(.open){opacity:0;visibility:hidden;transform:translateY(12px)}
@keyframes rise{from{opacity:0;transform:translateY(4px)}}
@media(max-width:520px){.panel{inset:0;width:100%;height:100dvh;padding:env(safe-area-inset-top) 0 var(--safe);border-radius:0;background:linear-gradient(${brand} 50%,Canvas 50%)}.open~.dock{display:none}}
@media(prefers-reduced-motion){*{transition:none!important;animation:none!important}}
`)
  return sheet
}
