-- Athena can't name the column "doors ""open""".
CREATE EXTERNAL TABLE IF NOT EXISTS `buses` (
  `epoch` bigint,
  `seq` bigint,
  `id` string,
  `key` string,
  `time` timestamp,
  `accepted_at` timestamp,
  `lat` double,
  `lon` double,
  `heading` double,
  `speed` double,
  `altitude` double,
  `accuracy` double,
  `removed` string,
  `route` string,
  `fuel` double,
  `fuel_text` string
)
PARTITIONED BY (`delivery_hour` string)
STORED AS PARQUET
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
  "time",
  "accepted_at",
  "lat",
  "lon",
  "heading",
  "speed",
  "altitude",
  "accuracy",
  "removed",
  "route",
  "fuel",
  "fuel_text",
  "delivery_hour"
FROM "buses";
