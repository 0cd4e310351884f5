"""The core of Briefbrug: what a letter means for a household, and how its case reaches a person."""
