"""The section `learned`, whose `summary` is the whole.

`monotonicity` proves in which direction each input works. `uniqueness` looks for another answer to the same data, and
`two_networks` compares it with the network.
"""
