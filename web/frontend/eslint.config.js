/**
 * What only ESLint can see: templates. oxlint has read the rest first.
 *
 * Text from people reaches the page as text, never as markup: `{@html}` and everything that parses a string into the
 * document are refused here, and Trusted Types refuse them again in the browser.
 */
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

const markupFromText = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'createContextualFragment', 'setHTMLUnsafe']

export default ts.config(
  { ignores: ['node_modules/', '.svelte-check/', '**/*.gen.ts'] },
  ...svelte.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig }
    },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'SvelteAttribute[key.name="style"]',
          message: 'The content policy refuses style attributes: use a class, or a style: directive.'
        }
      ],
      'svelte/no-target-blank': 'error',
      'svelte/button-has-type': 'error',
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-properties': [
        'error',
        ...markupFromText.map(property => ({ property, message: 'Text from people must stay text: build nodes instead.' })),
        { object: 'document', property: 'write', message: 'Text from people must stay text: build nodes instead.' }
      ],
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'socket.io-client', message: 'shared/live.ts is the one file that knows the socket client.' }] }
      ]
    }
  },
  { files: ['**/*.ts'], languageOptions: { parser: ts.parser } },
  { files: ['shared/live.ts'], rules: { 'no-restricted-imports': 'off' } }
)
