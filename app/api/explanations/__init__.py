"""Why a score is what it is, said three times: as JSON, as CSV columns, as tensors of the Open Inference Protocol.

options       what a caller may ask              explaining    who is explained, and the numbers
table         every field once, in order; contributions, reasons, changes, warnings are its longer rows (field.py)
json, csv     the two forms in text              text_columns, text_rows    how text of many is made quickly
The tensors are in open_inference/outputs.py.
"""
