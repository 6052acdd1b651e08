/** Browser notifications, only after the person has turned them on, and only while the page is out of sight. */

export interface Notice {
  title: string
  body: string
  /** A newer notice with the same tag takes the place of the older: one per chat. */
  tag: string
  /** Called when it is clicked, with the window brought to the front. */
  open: () => void
}

export function canNotify(): boolean {
  return typeof Notification !== 'undefined'
}

/** `default` means: nobody has been asked yet. */
export function permission(): NotificationPermission {
  return canNotify() ? Notification.permission : 'denied'
}

/** Ask, from a click of the person; browsers refuse to ask otherwise. */
export async function turnOn(): Promise<boolean> {
  return canNotify() && (await Notification.requestPermission()) === 'granted'
}

/** Returns whether it was shown. */
export function notify({ title, body, tag, open }: Notice): boolean {
  if (permission() !== 'granted' || document.hasFocus()) return false
  const notice = new Notification(title, { body, tag, silent: true })
  notice.onclick = () => {
    window.focus()
    notice.close()
    open()
  }
  return true
}
