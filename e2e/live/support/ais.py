# Messages of AIS as pyais writes them, and what pyais reads in sentences.
#
#   python ais.py write            JSON: a list of messages, each a list of sentences
#   python ais.py read             JSON from standard input, such a list; JSON: a list of what each message says

import json
import sys

from pyais import decode
from pyais.encode import encode_dict

SHIP = {"status": 0, "turn": 10, "speed": 12.3, "accuracy": 1, "lon": 10.12345, "lat": 54.54321, "course": 271.4, "heading": 269, "second": 17}
NOTHING = {"status": 15, "turn": -128, "speed": 102.3, "lon": 181, "lat": 91, "course": 360, "heading": 511, "second": 60}
STATIC = {"shipname": "HELIOGRAPH", "callsign": "DABC1", "ship_type": 70, "to_bow": 100, "to_stern": 45, "to_port": 10, "to_starboard": 12}
MESSAGES = [
    *({"msg_type": kind, "mmsi": 211000000 + kind, **SHIP} for kind in (1, 2, 3)),
    {"msg_type": 1, "mmsi": 211000010, **NOTHING},
    {"msg_type": 1, "mmsi": 211000011, **SHIP, "turn": -5, "lon": -179.5, "lat": -45.25, "status": 5},
    {"msg_type": 4, "mmsi": 2110001, "year": 2026, "month": 3, "day": 1, "hour": 11, "minute": 59, "second": 58, "lon": 9.5, "lat": 53.5},
    {"msg_type": 5, "mmsi": 211000005, **STATIC, "imo": 9134270, "draught": 7.4, "destination": "KIEL", "month": 5, "day": 14, "hour": 20, "minute": 10},
    {"msg_type": 5, "mmsi": 211000015, "imo": 0, "month": 0, "day": 0, "hour": 24, "minute": 60},
    {"msg_type": 9, "mmsi": 111211009, "alt": 303, "speed": 142, "lon": 8.5, "lat": 54.25, "course": 154.5, "second": 1},
    {"msg_type": 18, "mmsi": 211000018, **{k: SHIP[k] for k in ("speed", "lon", "lat", "course", "heading", "second")}},
    {"msg_type": 18, "mmsi": 211000028, **{k: NOTHING[k] for k in ("speed", "lon", "lat", "course", "heading", "second")}},
    {"msg_type": 19, "mmsi": 211000019, **{k: SHIP[k] for k in ("speed", "lon", "lat", "course", "heading", "second")},
     **{k: STATIC[k] for k in STATIC if k != "callsign"}},
    {"msg_type": 21, "mmsi": 992111021, "aid_type": 5, "name": "KIEL LIGHTHOUSE", "lon": 10.25, "lat": 54.5, "second": 30, "virtual_aid": 1},
    {"msg_type": 24, "mmsi": 211000024, "partno": 0, "shipname": "SMALL BOAT"},
    {"msg_type": 24, "mmsi": 211000034, "partno": 1, **{k: STATIC[k] for k in STATIC if k != "shipname"}},
    {"msg_type": 27, "mmsi": 211000027, "status": 1, "lon": 5.1, "lat": 52.3, "speed": 11, "course": 87},
    {"msg_type": 27, "mmsi": 211000037, "status": 1, "lon": -70.7, "lat": -33.9, "speed": 11, "course": 87},
]


def write():
    return [encode_dict(m, talker_id="AI", sentence_type="VDM", radio_channel="A", seq_id=i % 10) for i, m in enumerate(MESSAGES)]


def plain(value):
    return int(value) if hasattr(value, "value") and not isinstance(value, str) else value


def read(messages):
    return [{name: plain(value) for name, value in decode(*parts).asdict().items() if not isinstance(value, bytes)} for parts in messages]


json.dump(write() if sys.argv[1] == "write" else read(json.load(sys.stdin)), sys.stdout)
