/** What people are called. */

/** The name the desk gives to people who gave none. */
const NAMELESS = /^Visitor \d+$/

export const isNameless = (name: string): boolean => NAMELESS.test(name)

/** How somebody is spoken of in a sentence: by their first name, if they have given one. */
export const firstName = (name: string): string => (isNameless(name) ? name : name.split(/\s+/)[0]!)
