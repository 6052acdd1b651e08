/** Characters of one message, as the desk counts them. */
export const MESSAGE_LIMIT = 10_000
