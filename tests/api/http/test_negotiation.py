"""What Accept-Encoding asks for: RFC 9110, section 12.5.3, case by case."""

import pytest

from app.api.http.negotiation import accepts_gzip


@pytest.mark.parametrize(
    ("accept_encoding", "gzip"),
    [
        ("", False),  # there is none, or an empty one
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZip", True),
        ("x-gzip", True),  # section 8.4.1.3
        ("X-GZIP;q=0", False),
        ("gzip;q=1.000", True),
        ("gzip;q=0.001", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("deflate,gzip ;  Q=0.0 ,br", False),
        ("gzip;q=many", False),
        ("gzip;q=nan", False),
        ("br, deflate", False),
        ("gzipped, not-gzip, gzip2", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip, *;q=0", True),
        ("gzip;q=0, *", False),  # the star is for what is not named
        ("x-gzip;q=0, *", False),
        ("br;q=1.0, *;q=0.1", True),
        ("identity", False),
        ("identity, gzip", True),  # who likes both alike
        ("identity;q=0.5, gzip;q=1.0", True),
        ("identity;q=1.0, gzip;q=0.5", False),
        ("identity, *;q=0.5", False),
        ("gzip;q=0.5, *", False),  # the star is for identity too
        ("identity;q=0", False),  # neither is wanted
        ("identity;q=0, gzip;q=0.1", True),
    ],
)
def test_whether_in_gzip(accept_encoding, gzip):
    assert accepts_gzip(accept_encoding) is gzip
