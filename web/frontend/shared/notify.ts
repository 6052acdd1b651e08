/** Browser notifications, only after the person has turned them on, and only while the page is out of sight. */

export interface Notice {
  title: string
  body: string
  /** A newer notice with the same tag takes the place of the older: one per chat. */
  tag: string
  /** Not the first of its tag: show it as if it were new. */
  again?: boolean
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
export function notify({ title, body, tag, again = false, open }: Notice): boolean {
  if (permission() !== 'granted' || document.hasFocus()) return false
  // `renotify` is known to browsers that can, and not yet to the type of the options.
  const options: NotificationOptions & { renotify: boolean } = { body, tag, silent: true, renotify: again }
  const notice = new Notification(title, options)
  notice.onclick = () => {
    window.focus()
    notice.close()
    open()
  }
  return true
}
