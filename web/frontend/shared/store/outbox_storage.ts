/** Where the outbox is kept: IndexedDB, or memory where a browser gives none. */

export interface OutboxStorage<T extends { client_id: string }> {
  all(): Promise<T[]>
  put(message: T): Promise<void>
  delete(clientId: string): Promise<void>
}

export function memoryStorage<T extends { client_id: string }>(): OutboxStorage<T> {
  const kept = new Map<string, T>()
  return {
    all: async () => [...kept.values()],
    put: async message => void kept.set(message.client_id, message),
    delete: async clientId => void kept.delete(clientId)
  }
}

const STORE = 'messages'

/**
 * @param name one database per person: what one agent wrote must not be sent by the next who signs in here
 */
export async function openOutboxStorage<T extends { client_id: string }>(name: string): Promise<OutboxStorage<T>> {
  let database: IDBDatabase
  try {
    database = await open(`parley-outbox-${name}`)
  } catch {
    // Private windows and partitioned frames may refuse. Sending still works; only closing the page loses what waits.
    return memoryStorage<T>()
  }
  const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE)
  return {
    all: () => done<T[]>(store('readonly').getAll()),
    put: async message => void (await done(store('readwrite').put(message))),
    delete: async clientId => void (await done(store('readwrite').delete(clientId)))
  }
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'client_id' })
  return done(request)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB gave no reason'))
  })
}
