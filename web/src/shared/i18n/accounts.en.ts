// Texts of the pages on accounts. accounts.zh.ts must have the same keys.
export const accountsEn = {
  'office.accounts': 'Accounts',
  'office.account': 'My account',
  'accounts.office': 'The office manages accounts.',
  'accounts.one': 'One person’s account',
  'accounts.code': 'Make a code',
  'accounts.code.hint':
    'A code opens an account or replaces a forgotten password: tell it to the person, who then chooses a password. Until it is used, the password that they have stays good.',
  'accounts.code.once': 'Shown this once. Good until {until}, for one use.',
  'accounts.lost': 'Lost phone',
  'accounts.lost.sure': 'Sign this person out everywhere',
  'accounts.lost.hint':
    'Every phone, browser and tracking app is signed out; check-ins not uploaded stay on the phone, and go on after the next sign-in.',
  'accounts.ended': 'Sessions ended: {n}.',
  'accounts.slips': 'Slips',
  'accounts.slips.hint':
    'One slip for everybody in a unit who has no account yet, to print, cut and hand out. Codes are shown this once; made again, those before are no longer good.',
  'accounts.make': 'Make slips',
  'accounts.print': 'Print',
  'accounts.none': 'Everybody in {unit} has an account; no slips are needed.',
  'accounts.made': '{unit}: {n} slips, good until {until}. Print them now; they cannot be seen again.',
  'accounts.qr': 'QR code',
  'accounts.slip.phone': 'Signs in with {phone}',
  'accounts.slip.how':
    'Scan, or choose “Use an activation code” where you sign in, and set your own password. Good until {until}; pass it to nobody.',
  'account.password': 'Change password',
  'account.old': 'Present password',
  'account.new': 'New password (8 characters or more)',
  'account.everywhere': 'Sign out of other phones and browsers too',
  'account.change': 'Change',
  'account.changed': 'Your password has been changed.',
  'account.sessions': 'Where you are signed in',
  'account.browser': 'Browser',
  'account.here': 'here',
  'account.since': 'since {when}',
  'account.seen': 'last in touch {when}',
  'account.end': 'Sign out',
}
