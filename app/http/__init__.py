"""What the doors share: who calls and what they may do, errors, sessions, validation, middleware."""
