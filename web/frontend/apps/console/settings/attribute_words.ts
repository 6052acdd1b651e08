/** A key made from a label: "Account number" is `account_number`. */
export function keyOf(label: string): string {
  return label
    .normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
    .replace(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+/, '').slice(0, 40).replace(/_+$/, '')
}

/** Written one to a line; empty lines and doubles are left out. */
export function choicesOf(text: string): string[] {
  return [...new Set(text.split('\n').map(line => line.trim()).filter(line => line !== ''))]
}
