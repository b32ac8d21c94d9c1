// Lints the phone's document (mobile_api_spec/openapi.yaml) by Redocly's recommended rules.
import process from 'node:process'
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core'

const config = await createConfig({
  extends: ['recommended'],
  rules: {
    'info-license': 'off',
    'no-server-example.com': 'off',
    'no-empty-servers': 'off', // each county serves its own
  },
})
const problems = await lint({ ref: '../mobile_api_spec/openapi.yaml', config })
const totals = getTotals(problems)
formatProblems(problems, { format: 'stylish', version: '', totals })
process.exit(totals.errors + totals.warnings ? 1 : 0)
