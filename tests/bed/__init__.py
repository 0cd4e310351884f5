"""The test bed: invented Dutch letters with their truth, a photo simulator, and a judge of readings.

`letters/*.yaml` hold the text and the truth of each letter, worked out by hand and never by the product's code; its
number marks ([d:..] deadline, [a:..] amount, [i:..] IBAN, [r:..] reference, [l:..] letter date) become boxes on the
photo. `layouts/` hold the templates, `camera.py` the phone, `score.py` the judge, `bench.py` the comparison with peers.
Letters marked "tune" may be looked at while the reader is improved; letters marked "held" only as figures.
Today is 2026-11-21 everywhere. How to run: see `__main__.py`.

A new letter is one entry in a YAML file. Fonts that a machine does not have fall back on Liberation and DejaVu; for the
full variety install fonts-lato fonts-open-sans fonts-crosextra-carlito fonts-crosextra-caladea fonts-ebgaramond
fonts-roboto-unhinted fonts-courier-prime fonts-noto-core.
"""
