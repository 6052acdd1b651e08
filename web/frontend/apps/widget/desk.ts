/** What the widget asks of the desk, by name. Tests and the page of states give it another one. */
import { createApi } from '#shared/api'
import type { Live } from '#shared/live'
import type {
  HelpArticle, HelpList, TicketOut, VisitorChat, VisitorDetails, VisitorOpen, VisitorOpened, VisitorPage, VisitorState
} from '#shared/wire.gen'

export interface Desk {
  open(visit: VisitorOpen): Promise<VisitorOpened>
  state(): Promise<VisitorState>
  saveDetails(details: VisitorDetails): Promise<VisitorState>
  messages(chatId: number, after: number): Promise<VisitorPage>
  askForPerson(chatId: number): Promise<VisitorChat>
  leave(chatId: number): Promise<VisitorChat>
  end(chatId: number): Promise<VisitorChat>
  rate(chatId: number, stars: number, comment: string): Promise<VisitorChat>
  help(query: string): Promise<HelpArticle[]>
  article(id: number): Promise<HelpArticle>
  /** Opens the socket; its code is loaded only now. */
  connect(): Promise<Live<'/visitor'>>
}

export function deskFor(token: () => string | null): Desk {
  const api = createApi({ bearer: token })
  const getTicket = () => api.post<TicketOut>('/visitor/ticket').then(answer => answer.ticket)
  return {
    open: visit => api.post('/visitor/session', visit),
    state: () => api.get('/visitor/state'),
    saveDetails: details => api.put('/visitor/details', details),
    messages: (chat_id, after) => api.get('/visitor/messages', { chat_id, after }),
    askForPerson: chatId => api.post(`/visitor/chats/${chatId}/person`),
    leave: chatId => api.post(`/visitor/chats/${chatId}/leave`),
    end: chatId => api.post(`/visitor/chats/${chatId}/end`),
    rate: (chatId, stars, comment) => api.post(`/visitor/chats/${chatId}/rating`, { stars, comment }),
    article: id => api.get<HelpArticle>(`/visitor/help/${id}`),
    help: query => api.get<HelpList>('/visitor/help', { q: query }).then(list => list.items),
    connect: async () => (await import('#shared/live')).connect({ namespace: '/visitor', getTicket })
  }
}
