"""The ways by which notices reach people, each behind `base.Channel`."""
