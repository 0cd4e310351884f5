"""The database: tables, one repository per noun, and the unit of work that commits them together."""
