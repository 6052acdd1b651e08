/** What the widget asks of the desk, by name. Tests and the page of states give it another one. */
import { createApi } from '#shared/api'
import type { Live } from '#shared/live'
import type {
  AttachmentOut, HelpArticle, HelpList, LeaveMessage, NoticeList, TicketOut, VisitorChat, VisitorDetails, VisitorOpen, VisitorOpened,
  VisitorPage, VisitorSent, VisitorState, WidgetConfig
} from '#shared/wire.gen'

/** About what the desk says unasked: all of it was seen, one was put away, more is wanted or not. */
export type NoticeWord = 'seen' | `${number}/close` | boolean

export interface Desk {
  open(visit: VisitorOpen): Promise<VisitorOpened>
  /** As it is now: whether anybody is there changes by the hour. */
  config(): Promise<WidgetConfig>
  state(): Promise<VisitorState>
  saveDetails(details: VisitorDetails): Promise<VisitorState>
  messages(chatId: number, after: number): Promise<VisitorPage>
  askForPerson(chatId: number): Promise<VisitorChat>
  leave(chatId: number): Promise<VisitorChat>
  end(chatId: number): Promise<VisitorChat>
  /** Whether one answer of the assistant helped. */
  rateAnswer(chatId: number, messageId: number, helped: boolean): Promise<VisitorChat>
  heed(word: NoticeWord): Promise<NoticeList>
  rate(chatId: number, stars: number, comment: string): Promise<VisitorChat>
  /** Do not wait in line; be answered by e-mail. */
  emailInstead(chatId: number, email: string): Promise<VisitorChat>
  /** For when nobody is there. The same `client_id` is stored once. */
  leaveMessage(message: LeaveMessage): Promise<VisitorSent>
  mailTranscript(chatId: number, email: string): Promise<unknown>
  upload(file: File, more: { signal: AbortSignal; onProgress: (share: number) => void }): Promise<AttachmentOut>
  discardFile(id: number): Promise<unknown>
  /** A stored file with fresh links. */
  file(id: number): Promise<AttachmentOut>
  help(query: string): Promise<HelpArticle[]>
  article(id: number): Promise<HelpArticle>
  /** Opens the socket; its code is loaded only now. */
  connect(): Promise<Live<'/visitor'>>
}

export function deskFor(siteKey: string, token: () => string | null): Desk {
  const api = createApi({ bearer: token })
  const getTicket = () => api.post<TicketOut>('/visitor/ticket').then(answer => answer.ticket)
  return {
    open: visit => api.post('/visitor/session', visit),
    config: () => api.get('/widget/config', { key: siteKey }),
    state: () => api.get('/visitor/state'),
    saveDetails: details => api.put('/visitor/details', details),
    messages: (chat_id, after) => api.get('/visitor/messages', { chat_id, after }),
    askForPerson: chatId => api.post(`/visitor/chats/${chatId}/person`),
    leave: chatId => api.post(`/visitor/chats/${chatId}/leave`),
    end: chatId => api.post(`/visitor/chats/${chatId}/end`),
    rateAnswer: (chatId, messageId, helped) => api.put(`/visitor/chats/${chatId}/answers/${messageId}`, { helped }),
    heed: word => (typeof word === 'boolean' ? api.put('/visitor/broadcasts', { wanted: word }) : api.post(`/visitor/notices/${word}`)),
    rate: (chatId, stars, comment) => api.post(`/visitor/chats/${chatId}/rating`, { stars, comment }),
    emailInstead: (chatId, email) => api.post(`/visitor/chats/${chatId}/email`, { email }),
    leaveMessage: message => api.post('/visitor/leave', message),
    mailTranscript: (chatId, email) => api.post(`/visitor/chats/${chatId}/transcript`, { email }),
    upload: async (file, more) => {
      const { upload } = await import('#shared/upload')
      return upload(file, { path: '/api/visitor/uploads', headers: () => ({ authorization: `Bearer ${token() ?? ''}` }), ...more })
    },
    discardFile: id => api.delete(`/visitor/uploads/${id}`),
    file: id => api.get(`/visitor/attachments/${id}`),
    article: id => api.get<HelpArticle>(`/visitor/help/${id}`),
    help: query => api.get<HelpList>('/visitor/help', { q: query }).then(list => list.items),
    connect: async () => (await import('#shared/live')).connect({ namespace: '/visitor', getTicket })
  }
}
