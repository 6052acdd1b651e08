/** A native `<dialog>` that follows a boolean. The focus comes back by the browser's own rules. */
import type { Attachment } from 'svelte/attachments'

/** Where the hands will go first: what is chosen already, or the first thing to fill in; else the browser chooses. */
const STARTS = ['[autofocus]', 'input:checked', 'input, textarea, select']

/** @param open read at each run, so that the dialog follows it */
export function modal(open: () => boolean): Attachment<HTMLDialogElement> {
  return dialog => {
    const wanted = open()
    if (wanted && !dialog.open) {
      dialog.showModal()
      const start = STARTS.map(each => dialog.querySelector<HTMLElement>(each)).find(Boolean)
      start?.focus()
    } else if (!wanted && dialog.open) {
      dialog.close()
    }
  }
}

/** A click on the backdrop reaches the dialog itself, outside its box. */
export function isOnBackdrop(event: MouseEvent, dialog: HTMLDialogElement): boolean {
  if (event.target !== dialog) return false
  const box = dialog.getBoundingClientRect()
  const inside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom
  return !inside
}
