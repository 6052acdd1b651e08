/** A tag among several chats. */
import type { ChatOut } from '#shared/wire.gen'

export function shareOf(chats: readonly Pick<ChatOut, 'tags'>[], tagId: number): 'all' | 'some' | 'none' {
  const having = chats.filter(chat => chat.tags.some(tag => tag.id === tagId)).length
  return having === 0 ? 'none' : having === chats.length ? 'all' : 'some'
}
