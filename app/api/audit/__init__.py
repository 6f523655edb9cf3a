"""POST /audit.

`endpoint` computes and answers. `schema` says what a body may hold, `records` and `csv_records` read it, and `labels`
makes codes of labels. `documents` declares the answer; `csv_answer` and `page` (with `page.html`) are its other forms.
"""
