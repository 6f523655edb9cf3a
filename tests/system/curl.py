"""As much of curl as the documentation's examples need, by the standard library, for a machine without curl."""

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit


def curl(arguments: list[str]) -> None:
    """One request. The answer goes to standard output or to the file that the arguments name, whatever its status."""
    parser = argparse.ArgumentParser("curl", allow_abbrev=False)
    parser.add_argument("url")
    parser.add_argument("-s", "-N", action="store_true", help="silent, unbuffered: it always is")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", "--data-binary", dest="data")
    parser.add_argument("-o", dest="file")
    parser.add_argument("-O", dest="remote_name", action="store_true")
    parser.add_argument("-w", dest="afterwards", default="")
    asked = parser.parse_args(arguments)

    data = asked.data and (Path(asked.data[1:]).read_bytes() if asked.data.startswith("@") else asked.data.encode())
    headers = dict(header.split(": ", 1) for header in asked.headers)
    request = urllib.request.Request(asked.url, data, headers, method=asked.method)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        answer = direct.open(request)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        body = answer.read()
    if asked.remote_name or asked.file:
        Path(asked.file or Path(urlsplit(asked.url).path).name).write_bytes(body)
    else:
        sys.stdout.buffer.write(body)
    sys.stdout.write(asked.afterwards.replace("%{http_code}", str(answer.status)).replace("\\n", "\n"))


if __name__ == "__main__":
    curl(sys.argv[1:])
