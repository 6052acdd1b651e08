/** A native `<dialog>` that follows a boolean. Focus goes in and comes back by the browser's own rules. */
import type { Attachment } from 'svelte/attachments'

/** @param open read at each run, so that the dialog follows it */
export function modal(open: () => boolean): Attachment<HTMLDialogElement> {
  return dialog => {
    const wanted = open()
    if (wanted && !dialog.open) dialog.showModal()
    else if (!wanted && dialog.open) dialog.close()
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
