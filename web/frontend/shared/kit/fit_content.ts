/** A textarea as tall as its text, where the browser's own `field-sizing` is missing. */
import type { Attachment } from 'svelte/attachments'

const native = typeof CSS !== 'undefined' && CSS.supports?.('field-sizing', 'content')

/** @param text read so that a change from the program counts as well as one from the keyboard */
export function fitContent(text: () => string): Attachment<HTMLTextAreaElement> {
  return textarea => {
    void text()
    if (native) return
    textarea.style.height = 'auto'
    textarea.style.height = `${textarea.scrollHeight + textarea.offsetHeight - textarea.clientHeight}px`
  }
}
