CREATE EXTERNAL TABLE IF NOT EXISTS `buses` (
  `epoch` bigint,
  `seq` bigint,
  `id` string,
  `key` string,
  `time` bigint,
  `accepted_at` bigint,
  `lat` double,
  `lon` double,
  `heading` double,
  `speed` double,
  `altitude` double,
  `accuracy` double,
  `route` string,
  `route_2` string,
  `fuel` double,
  `speed_2` double,
  `doors__open_` boolean,
  `gone` string
)
PARTITIONED BY (`delivery_hour` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
  'ignore.malformed.json' = 'false',
  'mapping.doors__open_' = 'doors "open"'
)
LOCATION 's3://events/raw/fleet/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.delivery_hour.type' = 'date',
  'projection.delivery_hour.format' = 'yyyy/MM/dd/HH',
  'projection.delivery_hour.range' = 'NOW-1YEARS,NOW',
  'projection.delivery_hour.interval' = '1',
  'projection.delivery_hour.interval.unit' = 'HOURS',
  'storage.location.template' = 's3://events/raw/fleet/${delivery_hour}/'
);

-- Times as timestamps (UTC). Name hours in a query, so that only their folders are read.
CREATE OR REPLACE VIEW "buses_events" AS
SELECT
  "epoch",
  "seq",
  "id",
  "key",
  from_unixtime("time" / 1000e0) AS "time",
  from_unixtime("accepted_at" / 1000e0) AS "accepted_at",
  "lat",
  "lon",
  "heading",
  "speed",
  "altitude",
  "accuracy",
  "route",
  "route_2",
  "fuel",
  "speed_2",
  "doors__open_",
  "gone",
  "delivery_hour"
FROM "buses";
