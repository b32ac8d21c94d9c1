// Lints the phone's document, mobile_api_spec/openapi.yaml, by the rules that Redocly recommends. `npm run check` runs it.
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core'

const config = await createConfig({
    extends: ['recommended'],
    rules: {
        'info-license': 'off', // the code's
        'no-empty-servers': 'off', // each county serves its own
        'no-unused-components': 'off', // descriptions name forms and summaries that stand inside free objects
    },
})
const problems = await lint({ ref: `${import.meta.dirname}/../mobile_api_spec/openapi.yaml`, config })
const totals = getTotals(problems)
formatProblems(problems, { format: 'stylish', version: '', totals })
if (totals.errors + totals.warnings) throw new Error('the document of the phone API has faults')
