# Feeds of GTFS-Realtime as agencies write them, and what Google's own library reads in one.
#
#   python gtfs_realtime.py write          a small feed to standard output
#   python gtfs_realtime.py read FILE      JSON: a list of [key, time in ms, lat, lon, heading, trip, route, stop, occupancy]

import json
import sys

from google.transit import gtfs_realtime_pb2 as gtfs


def write():
    feed = gtfs.FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = 1772366400
    own = feed.entity.add(id="e1").vehicle
    own.vehicle.id = "0012"
    own.vehicle.wheelchair_accessible = gtfs.VehicleDescriptor.WHEELCHAIR_ACCESSIBLE
    own.trip.trip_id, own.trip.route_id = "t1", "801"
    own.position.latitude, own.position.longitude, own.position.speed = 30.25, -97.75, 10
    own.timestamp = 1772366390
    own.multi_carriage_details.add(id="c1", occupancy_status=gtfs.VehiclePosition.FULL)
    bare = feed.entity.add(id="e2").vehicle
    bare.position.latitude, bare.position.longitude = 30.5, -97.5
    lost = feed.entity.add(id="e3").vehicle
    lost.position.latitude, lost.position.longitude = 95, -97.5
    feed.entity.add(id="t1").trip_update.trip.trip_id = "t1"
    return feed.SerializeToString()


def read(path):
    feed = gtfs.FeedMessage()
    with open(path, "rb") as file:
        feed.ParseFromString(file.read())
    rows = []
    for entity in feed.entity:
        v = entity.vehicle
        occupancy = gtfs.VehiclePosition.OccupancyStatus.Name(v.occupancy_status) if v.HasField("occupancy_status") else None
        rows.append([
            v.vehicle.id or entity.id, (v.timestamp or feed.header.timestamp) * 1000, v.position.latitude, v.position.longitude,
            v.position.bearing, v.trip.trip_id or None, v.trip.route_id or None, v.stop_id or None, occupancy,
        ])
    return rows


if sys.argv[1] == "write":
    sys.stdout.buffer.write(write())
else:
    json.dump(read(sys.argv[2]), sys.stdout)
