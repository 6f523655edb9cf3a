"""/v2, the Open Inference Protocol.

`infer` scores and `server` tells what the server and its model are. `request` reads a body and `tensors` its tensors.
`outputs` makes those of the answer. `documents` declares both; `errors` has the protocol's own form of an error.
"""
