"""Two readers of CSV: the plain one gives what the row-by-row one gives, or nothing."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.api.bodies import csv_fast as csv_plain
from app.api.bodies.csv_careful import read_rows
from app.api.bodies.csv_fast import read_plain
from app.api.bodies.reading import read_columns
from app.api.csv_answer import write_csv
from app.errors import InvalidRecords
from tests.examples import examples

INPUTS = {"years_of_experience": "years_of_experience", "performance_score": "performance_score"}
PAST = {**INPUTS, "promoted": "promoted"}
HEADER = "employee_id,years_of_experience,performance_score,promoted"

good_numbers = st.one_of(
    st.floats(0, 80).map(repr),
    st.decimals(0, 80, places=2).map(str),
    st.from_regex(re.compile(r"[+]?0?[0-7]?[0-9](\.[0-9]{0,25})?([eE]-[0-9]{1,3})?", re.ASCII), fullmatch=True),
    st.sampled_from(
        ["80", "80.0", " 5 ", "\t5", "-0", ".5", "5.", "8E+1", "1e-400", "5e-324", "0" * 50 + "7", "5\x0b"]
    ),
)
bad_cells = st.sampled_from(
    [
        "",
        " ",
        "nan",
        "inf",
        "-1",
        "80.00001",
        "1_0",
        "1e",
        "0x1",
        "1e400",
        "٣",
        "5\xa0",
        "5\x00",
        "true",
        "1 0",
        "½",
        "1j",
    ]
)
good_ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=',"\r\n'), max_size=8)
bad_ids = st.sampled_from(['"', '""', '"a"', '"a,b"', '"a\nb"', 'a"b', '"a"b', "a\rb", "a,b", "x" * 201, "é" * 101])
decisions = st.sampled_from(["true", "FALSE", "Yes", "no", "y", "N", "1", "0", " no ", "nO\t"])


def in_quotes(cells):
    return cells.map('"{}"'.format)


rows = st.one_of(
    st.tuples(good_ids, good_numbers, good_numbers, decisions),
    st.tuples(in_quotes(good_ids), good_numbers, good_numbers, decisions),
    st.tuples(*map(in_quotes, [good_ids, good_numbers, good_numbers, decisions])),
).map(",".join)
bad_rows = st.one_of(
    st.tuples(bad_ids, good_numbers, good_numbers, decisions).map(",".join),
    st.tuples(good_ids, bad_cells, good_numbers, decisions).map(",".join),
    st.tuples(good_ids, good_numbers, bad_cells | good_numbers, st.sampled_from(["", "t", "2", "ｙ"])).map(",".join),
    st.sampled_from(["", ",", ",,,", "a,1,2", "a,1,2,yes,", "\r", '"', "\ufeff"]),
)
ends = st.sampled_from(["\n", "\r\n"])
QUOTED_HEADER = ",".join(f'"{name}"' for name in HEADER.split(","))
headers = st.sampled_from(
    [HEADER] * 9
    + [
        "\ufeff" + HEADER,
        " " + HEADER.replace(",", " , "),
        HEADER + ",",
        "a,b",
        "",
        QUOTED_HEADER,
        '"' + HEADER,
        '"a\nb"',
    ]
)


def outcome(reader, *asked):
    """The columns' bits and the ids, or the faults, or None."""
    try:
        read = reader(*asked)
    except InvalidRecords as invalid:
        return invalid.faults, invalid.error_count
    return read and ([bytes(cell) for cell in cells(read[0])], read[1].shape, read[1].tobytes())


def cells(ids):
    """Each id as the file writes it."""
    return [ids.source[begin : begin + length] for begin, length in zip(ids.starts, ids.lengths, strict=True)]


def both(body, fields, needs_id=False):
    """What each reader makes of a body."""
    return [outcome(reader, body, fields, "employee_id", needs_id) for reader in (read_plain, read_rows)]


@pytest.fixture(params=[64, 1 << 18], ids=["many blocks", "one block"], autouse=True, scope="module")
def block_bytes(request):
    """Blocks of a record or two too, so that what is true at a block's ends is seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_plain, "_BLOCK_BYTES", request.param)
        yield request.param


@given(
    st.sampled_from([HEADER, QUOTED_HEADER]),
    st.lists(rows, max_size=12),
    ends,
    st.booleans(),
    st.sampled_from([INPUTS, PAST]),
    st.booleans(),
)
@examples(400)
def test_good_files(block_bytes, header, records, end, ends_with_one, fields, marked):  # noqa: PLR0917
    body = (("\ufeff" * marked) + end.join([header, *records]) + end * ends_with_one).encode()
    plain, by_rows = both(body, fields)
    assert plain == by_rows or (plain is None and may_be_left_to_the_other(body, block_bytes))


def may_be_left_to_the_other(body, block_bytes):
    """Whether a good file may be too much for the plain reader: a line longer than a block, or nothing but a header."""
    return max(map(len, body.split(b"\n"))) >= block_bytes or body.count(b"\n") == 0


@given(
    headers, st.lists(rows | bad_rows, max_size=12), ends, st.booleans(), st.sampled_from([INPUTS, PAST]), st.booleans()
)
@example(HEADER, ["\r"], "\n", True, INPUTS, False)
@examples(800)
def test_any_files(header, records, end, ends_with_one, fields, needs_id):  # noqa: PLR0917
    body = (end.join([header, *records]) + end * ends_with_one).encode()
    plain, by_rows = both(body, fields, needs_id)
    assert plain in (None, by_rows)


@given(
    st.lists(
        st.sampled_from([HEADER.encode(), *b"1 2 , , , \n \r \r\n a 0. yes".split(b" "), b'"', b"\xff", b"\xc3\xa9"])
    )
)
@examples(800)
def test_any_bytes(parts):
    plain, by_rows = both(HEADER.encode() + b"\n" + b"".join(parts), PAST)
    assert plain in (None, by_rows)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_in_any_order(place, end):
    def turned(line):
        line = line.split(",")
        return ",".join(line[place:] + line[:place])

    body = end.join(map(turned, [HEADER, "Zoë,1,2,yes", ",3,4,no", "E-3,5,6,1"])).encode()
    plain, by_rows = both(body, PAST)
    assert plain == by_rows
    assert plain[0] == ["Zoë".encode(), b"", b"E-3"]


def test_without_ids():
    plain, by_rows = both(b"x,performance_score,years_of_experience\n\xc3\xa9,1,2\n,3,4\n", INPUTS)
    assert plain == by_rows
    assert plain[0] == [b"", b""]


def test_what_the_csv_module_finds_too_long():
    body = f"{HEADER}\nE-1,1,2,{'x' * 131073}\n".encode()
    plain, by_rows = both(body, INPUTS)
    assert plain is None
    assert by_rows[1] == 1


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=20), st.data())
@examples(150)
def test_answers(ids, data):
    """Row for row what an f-string writes, but for the spelling of 1e-05, which is 0.00001."""
    quoted = ['"' + i.replace('"', '""') + '"' if re.search('[,"\r\n]', i) else i for i in ids]
    numbers = data.draw(st.lists(st.floats(0, 1), min_size=len(ids), max_size=len(ids)))
    body = "\n".join(
        [
            "employee_id,years_of_experience,performance_score",
            *(f"{i},{x!r},1" for i, x in zip(quoted, numbers, strict=True)),
        ]
    )
    read, columns = read_columns(body.encode(), list(INPUTS), {})
    answer = bytes(write_csv(read, columns[:, 0].copy(), columns[:, 0] >= 0.5)).decode()
    spelled = re.sub(r"(?<=,)[-+.e0-9]+(?=,(true|false)\n)", lambda number: repr(float(number[0])), answer)
    lines = [f"{i},{x!r},{'true' if x >= 0.5 else 'false'}\n" for i, x in zip(quoted, numbers, strict=True)]
    assert spelled == "employee_id,probability,promote\n" + "".join(lines)


def test_an_id_that_is_not_utf_8():
    plain, by_rows = both(HEADER.encode() + b"\nZo\xeb,1,2,yes\n", PAST)
    assert plain is None
    assert by_rows[1] == 1


def test_a_line_with_a_cell_longer_than_the_csv_module_allows_is_never_plain():
    body = f"years_of_experience,performance_score,note\n1,2,{'x' * (1 << 17)}\n3,4,\n".encode()
    assert read_plain(body, INPUTS, "employee_id", needs_id=False) is None
