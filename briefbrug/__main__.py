"""Lets `python -m briefbrug` do what the command `briefbrug` does."""

from briefbrug.cli import main

raise SystemExit(main())
