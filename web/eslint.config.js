// What the type checker and the formatter do not see. `npm run check` runs it.
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

// What the phone app will use too knows nothing of the console. Looks for the path in the text, for a file may be
// named by `import`, `import()`, a type, `<style src>`, `@import` or `new URL()`.
const wall = {
    create: ({ report, sourceCode }) => ({
        Program() {
            for (const { 0: path, index } of sourceCode.text.matchAll(/(\.\.?\/)+(console|phone)\//g)) {
                report({
                    loc: sourceCode.getLocFromIndex(index),
                    message: `shared/ knows nothing of ${path}`,
                })
            }
        },
    }),
}

export default typescript.config(
    { ignores: ['src/shared/api/schema.d.ts'] },
    ...typescript.configs.strict,
    ...vue.configs['flat/recommended'],
    {
        files: ['**/*.vue'],
        languageOptions: { parserOptions: { parser: typescript.parser } },
    },
    {
        rules: {
            eqeqeq: 'error',
            'no-undef': 'off', // the type checker's
            'vue/multi-word-component-names': 'off',
            'vue/block-lang': ['error', { script: { lang: 'ts' } }],
            'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
            'vue/no-unused-refs': 'error',
            'vue/no-v-html': 'error', // what people wrote stays text
            'vue/require-default-prop': 'off', // the types say which may be left out
            '@typescript-eslint/no-non-null-assertion': 'off', // where a list was just filled, or an answer just came
        },
    },
    {
        files: ['src/shared/**'],
        plugins: { house: { rules: { wall } } },
        rules: { 'house/wall': 'error' },
    },
    prettier,
)
