#!/usr/bin/env bash
# ogn-aprs-parser@0.2.0 (PyPI, pinned below), positions of gliders from the Open Glider Network: its readme prints `gps_altitude` as meters and
# `ground_speed` as m/s, and they are what stands in the message, feet and knots. A helicopter at 3,222 ft (982 m) flies at 3,222 m, at 569 km/h. The
# last digits of the place (`!W18!`, three decimals of a minute) are not read, so an aircraft jumps from one corner of a grid of 18 m to the next.
# The readme's own example is an error: messages to `APRS`, as older receivers send, are not read, and neither are those of PilotAware and FANET.
# ogn-parser@0.3.15 (PyPI) reads them all, in knots and feet as well, and with the last digits.
#
# Seen with Python 3.11:
#   ICA4B43D0>OGFLR W18
#     ogn-aprs-parser | gps_altitude 3222, ground_speed 158 | 47.498000 8.231500
#     ogn-parser | altitude 3222, speed 158 | 47.498017 8.231633
#   ICA4B43D0>OGFLR W99
#     ogn-aprs-parser | gps_altitude 3222, ground_speed 158 | 47.498000 8.231500
#     ogn-parser | altitude 3222, speed 158 | 47.498150 8.231650
#   FLRDD3B4B>APRS W64
#     ogn-aprs-parser | Unsupported OGN APRS Protocol
#     ogn-parser | altitude 918, speed 39 | 34.892100 33.638400
#   FNT110F1B>OGNFNT W66
#     ogn-aprs-parser | Unsupported OGN APRS Protocol
#     ogn-parser | altitude 7512, speed 22 | 46.733600 8.108933
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check ogn-aprs-parser==0.2.0 ogn-parser==0.3.15

cat >probe.py <<'PY'
import ogn_parser
from ogn_aprs_parser import parse_ogn_aprs_aircraft_beacon

for message in [
    "ICA4B43D0>OGFLR,qAS,LSZF:/235959h4729.88N/00813.89E^087/158/A=003222 !W18! id0D4B43D0 -039fpm +0.0rot 11.2dB 0e +0.2kHz gps3x4",
    "ICA4B43D0>OGFLR,qAS,LSZF:/235959h4729.88N/00813.89E^087/158/A=003222 !W99! id0D4B43D0 -039fpm +0.0rot 11.2dB 0e +0.2kHz gps3x4",
    "FLRDD3B4B>APRS,qAS,Larnaca:/074548h3453.52N/03338.30E'086/039/A=000918 !W64! id0ADD3B4B +020fpm -1.0rot 55.2dB 0e -4.3kHz gps2x3",
    "FNT110F1B>OGNFNT,qAS,LSXI2:/074021h4644.01N/00806.53Eg355/022/A=007512 !W66! id1E110F1B FNT10 sF1 cr4 +1ms 3.5dB",
]:
    print(message.partition(",")[0], message.split("!")[1])
    try:
        it = parse_ogn_aprs_aircraft_beacon(message.encode())
        print(f"  ogn-aprs-parser | gps_altitude {it.gps_altitude:g}, ground_speed {it.ground_speed:g} | {it.latitude:.6f} {it.longitude:.6f}")
    except ValueError as error:
        print("  ogn-aprs-parser |", str(error).rpartition('message: "')[2].rstrip('" })'))
    it = ogn_parser.parse(message)[0]["aprs_packet"]["position"]
    print(f"  ogn-parser | altitude {it['altitude']}, speed {it['speed']} | {it['latitude']:.6f} {it['longitude']:.6f}")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
ICA4B43D0>OGFLR W18
  ogn-aprs-parser | gps_altitude 3222, ground_speed 158 | 47.498000 8.231500
  ogn-parser | altitude 3222, speed 158 | 47.498017 8.231633
ICA4B43D0>OGFLR W99
  ogn-aprs-parser | gps_altitude 3222, ground_speed 158 | 47.498000 8.231500
  ogn-parser | altitude 3222, speed 158 | 47.498150 8.231650
FLRDD3B4B>APRS W64
  ogn-aprs-parser | Unsupported OGN APRS Protocol
  ogn-parser | altitude 918, speed 39 | 34.892100 33.638400
FNT110F1B>OGNFNT W66
  ogn-aprs-parser | Unsupported OGN APRS Protocol
  ogn-parser | altitude 7512, speed 22 | 46.733600 8.108933
TEXT
echo "as described: feet and knots are said to be metres and m/s, and the readme's example is not read"
