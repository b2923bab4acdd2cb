"""Tables: pages that differ become one frame, and a feed's copy has the columns of the views."""

import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("pandas")

from heliograph import frames  # noqa: E402
from heliograph.copies import Item  # noqa: E402
from heliograph.errors import HeliographError  # noqa: E402


def page(**columns):
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def texts(*values):
    return pa.array(values, pa.string())


def test_a_field_that_appears_on_a_later_page_is_empty_before():
    frame = frames.of_answers([page(key=texts("a")), page(key=texts("b"), late=pa.array([1.5]))])
    assert frame["late"].isna().tolist() == [True, False]
    assert str(frame["late"].dtype) == "float64"


def test_a_field_without_a_value_on_one_page_has_the_type_of_the_others():
    frame = frames.of_answers([page(x=texts(None)), page(x=pa.array([True])), page(x=pa.array([], pa.string()))])
    assert str(frame["x"].dtype) == "boolean"
    assert frame["x"].tolist()[1] is True


def test_a_field_of_several_kinds_is_text_as_in_json():
    frame = frames.of_answers([page(x=pa.array([1.0, 2.5, 1e300])), page(x=pa.array([True])), page(x=texts("many"))])
    assert frame["x"].tolist() == ["1", "2.5", "1e+300", "true", "many"]


def test_whole_numbers_stay_whole_when_one_is_missing():
    frame = frames.of_answers([page(rank=pa.array([2**53 + 1, None], pa.int64()))])
    assert str(frame["rank"].dtype) == "Int64"
    assert frame["rank"][0] == 2**53 + 1


def test_a_copys_fields_that_are_called_like_columns_get_a_name_of_their_own():
    item = Item("a", 1_772_366_400_123, 1, {"lat": 1, "lon": 2}, {"time": "noon", "position.lat": 5, "n": 1})
    frame = frames.of_items([item])
    assert frame["fields.time"][0] == "noon" and frame["fields.position.lat"][0] == 5.0 and frame["n"][0] == 1.0
    assert frame["time"][0].isoformat() == "2026-03-01T12:00:00.123000+00:00"
    assert frame["position.lat"][0] == 1.0 and frame["position.speed"].isna()[0]


def test_an_empty_copy_is_a_frame_with_columns():
    frame = frames.of_items([])
    assert frame.shape == (0, 9) and str(frame["time"].dtype) == "datetime64[ms, UTC]"


def test_without_the_libraries_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(HeliographError, match=r"pyarrow.*pip install heliograph\[dataframe\]"):
        frames.of_items([])
